using System.Text;
using Serve.Eval.Usb;

namespace Serve.Eval.Tests.Usb;

public class UsbDivisionsTests
{
    private static readonly string File = Path.Combine(TestFiles.Root, "src", "Eval", "Usb", "usb-divisions.json");

    [Theory]
    [InlineData(0, "1.0")]
    [InlineData(24, "1.0")]
    [InlineData(24.35, "1.0")]   // 180,000 iterations of 16 images on train2017: the 2x schedule
    [InlineData(25, "2.0")]
    [InlineData(73, "2.0")]
    [InlineData(73.04, "2.0")]   // 540,000 iterations: the 6x schedule
    [InlineData(74, "3.0")]
    [InlineData(300, "3.0")]
    [InlineData(301, "Freestyle")]
    public void Training_division_is_found_by_epochs(double epochs, string division)
        => Assert.Equal(division, UsbDivisions.Default.TrainingOf(epochs).Id);

    [Theory]
    [InlineData(24, true, false, "1.5", "")]
    [InlineData(24, false, true, "1.1", "1.0")]
    [InlineData(24, true, true, "1.6", "1.5")]
    [InlineData(73, false, true, "2.1", "1.0,2.0")]
    [InlineData(300, false, false, "3.0", "1.0,2.0")]
    [InlineData(300, false, true, "3.1", "1.0,2.0,3.0")]
    [InlineData(300, true, true, "3.6", "1.0,2.0,3.5")]
    [InlineData(301, true, true, "Freestyle", "")]
    public void Other_annotations_and_optimisation_add_to_the_number(double epochs, bool otherAnnotations, bool ahpo, string division, string requires)
    {
        var label = UsbDivisions.Default.TrainingOf(epochs, otherAnnotations, ahpo);

        Assert.Equal((division, requires), (label.Id, string.Join(',', label.Requires)));
    }

    [Theory]
    [InlineData(224, 224, "Micro")]
    [InlineData(225, 224, "Mini")]
    [InlineData(512, 512, "Mini")]
    [InlineData(513, 512, "Standard")]
    [InlineData(1333, 800, "Standard")]
    [InlineData(800, 1333, "Standard")]
    [InlineData(1248, 832, "Standard")]
    [InlineData(1216, 864, "Standard")]
    [InlineData(1334, 800, "Large")]
    [InlineData(1920, 1280, "Large")]
    [InlineData(3360, 2240, "Huge")]
    [InlineData(3361, 2240, "Freestyle")]
    public void Evaluation_division_is_found_by_pixels(long width, long height, string division)
        => Assert.Equal(division, UsbDivisions.Default.EvaluationOf(width * height).Id);

    [Theory]
    [InlineData("coco/train2017", UsbDataset.Coco)]
    [InlineData("COCO-2017/train", UsbDataset.Coco)]
    [InlineData("Waymo Open Dataset", UsbDataset.Wod)]
    [InlineData("Manga109-s/68train", UsbDataset.M109s)]
    [InlineData("bccd/train", null)]
    public void Dataset_is_found_by_its_name(string name, UsbDataset? dataset) => Assert.Equal(dataset, UsbDivisions.Default.DatasetOf(name));

    [Fact]
    public void Protocols_are_those_of_the_rules()
    {
        foreach (var protocol in (UsbProtocol[])[UsbProtocol.Coco, UsbProtocol.Wod, UsbProtocol.M109s])
        {
            var ruled = UsbDivisions.Default.ProtocolOf(protocol.Dataset);

            Assert.Equal((protocol.Name, protocol.FilterEmpty), (ruled.Name, ruled.FilterEmpty));
            Assert.Equal(protocol.MaxDetections, ruled.MaxDetections);
        }
    }

    [Fact]
    public void Test_scales_of_the_published_results_are_standard()
    {
        foreach (var dataset in UsbDivisions.Default.Datasets)
        {
            var sides = dataset.TestScale.Value.Split('x').Select(long.Parse).ToArray();

            Assert.Equal("Standard", UsbDivisions.Default.EvaluationOf(sides[0] * sides[1]).Id);
        }
    }

    [Fact]
    public void A_file_takes_the_place_of_the_bundled_rules()
    {
        var text = System.IO.File.ReadAllText(File).Replace("\"value\": 24,", "\"value\": 36,", StringComparison.Ordinal);

        Assert.Equal("1.0", Read(text).TrainingOf(30).Id);
        Assert.Equal("2.0", UsbDivisions.Read(File).TrainingOf(30).Id);
    }

    [Theory]
    [InlineData("\"value\": 24,", "\"value\": 74,", "training: limits of epochs must be above 0 and rise")]
    [InlineData("\"value\": 50176,", "\"value\": 0,", "evaluation: limits of pixels must be above 0 and rise")]
    [InlineData("\"id\": \"m109s\"", "\"id\": \"wod\"", "datasets: must be coco, wod and m109s, each once")]
    [InlineData("[\"1.0\"]", "[\"1.2\"]", "training: \"2.0\" requires \"1.2\", which is not listed")]
    [InlineData("\"id\": \"3.0\"", "\"id\": \"three\"", "\"three\" is no number")]
    [InlineData("\"value\": 0.1, \"source\": \"U\"", "\"value\": 0, \"source\": \"X\"", "bonuses: must be above 0; sources: \"X\" is used and not explained")]
    [InlineData("\"value\": 300, \"source\": \"S\"", "\"value\": null, \"source\": \"S\"", "training: exactly one division must have no limit of epochs (null)")]
    [InlineData("\"training\":", "\"trainings\":", "these are no rules of USB")]
    public void Faults_of_a_file_are_told(string part, string faulty, string message)
    {
        var text = System.IO.File.ReadAllText(File);
        Assert.Contains(part, text);

        var fault = Assert.Throws<InvalidInputException>(() => Read(text.Replace(part, faulty, StringComparison.Ordinal)));

        Assert.StartsWith("rules.json: ", fault.Message);
        Assert.Contains(message, fault.Message);
    }

    private static UsbDivisions Read(string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return UsbDivisions.Read(stream, "rules.json");
    }
}

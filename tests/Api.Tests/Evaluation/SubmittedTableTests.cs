using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Evaluation;

public class SubmittedTableTests(ServeFixture serve)
{
    [Theory]
    [InlineData("image_id,category_id,x,y,width,height,score", ',', false)]
    [InlineData("file_name;category;x1;y1;x2;y2;score", ';', false)]
    [InlineData("score\tcategory\timage_id\tx\ty\twidth\theight\tremark", '\t', true)]
    public async Task A_table_has_the_report_of_the_same_detections_as_json(string header, char separator, bool isPacked)
    {
        var detections = Rows().Select(row => new { image_id = row.Image, category_id = row.Category, bbox = row.Box, score = row.Score });
        var table = new StringBuilder(header).Append("\r\n");
        foreach (var row in Rows())
            table.AppendJoin(separator, header.Split(separator).Select(column => Cell(column, row))).Append("\r\n");

        var json = await serve.Client.WaitUntilOverAsync(await serve.Client.EvaluateAsync(new { dataset = "tiny", detections }));
        var csv = await serve.Client.WaitUntilOverAsync(await UploadAsync(isPacked ? Packed(table.ToString()) : Encoding.UTF8.GetBytes(table.ToString())));

        Assert.Equal("done", (string)csv["state"]!);
        Assert.InRange((double)csv["report"]!["stats"]![0]!, 0.01, 0.99);
        Assert.Equal(json.UndatedReport(), csv.UndatedReport());
    }

    [Fact]
    public async Task All_faults_of_a_table_are_told_at_once_with_line_and_column()
    {
        var problem = await RefusedAsync("image_id,category,x,y,width,height,score\n1,light,1,2,3,4,0.5\n99,light,1,2,3,4,high\n99,grey,1,2,3,4,1\n7,dark,1,2,-3,4,0.5\n99,dark,1,2,3,4,0.5\n7,dark\n");
        var header = await RefusedAsync("image,category,x,y,width,height,score\n");
        var packed = await RefusedAsync([0x1F, 0x8B, 1, 2]);
        var neither = await RefusedAsync("hello");

        Assert.Equal(
            [
                "detections: line 3: \"score\" is \"high\"; it must be a finite number.",
                "detections: line 4: \"category\" is \"grey\", which is the name of no category of the dataset.",
                "detections: line 5: \"width\" makes the width -3 and the height 4 of the box; they must be 0 or more.",
                "detections: line 6: \"image_id\" is 99, which is not an image of the dataset (10 images).",
                "detections: line 7: has 2 columns; the header has 7.",
            ],
            Faults(problem));
        Assert.Equal(
            ["detections: line 1: the header has image, category, x, y, width, height, score; needed are image_id or file_name, category_id or category, x1,y1,x2,y2 or x,y,width,height, and score."],
            Faults(header));
        Assert.StartsWith("detections: begins as a gzip file does, but is none: ", Assert.Single(Faults(packed)));
        Assert.StartsWith("detections: not valid JSON at line 1", Assert.Single(Faults(neither)));
    }

    [Fact]
    public async Task Names_are_not_looked_up_while_the_dataset_is_unknown()
    {
        var problem = await RefusedAsync("file_name,category,x,y,width,height,score\n0.png,light,1,2,3,4,0.5\n0.png,light,1,2,3,4,?\n", dataset: "none");

        Assert.Equal(["dataset", "detections"], problem["errors"]!.AsObject().Select(fault => fault.Key));
        Assert.Equal(["detections: line 3: \"score\" is \"?\"; it must be a finite number."], Faults(problem));
    }

    private static IEnumerable<(int Image, int Category, double[] Box, double Score)> Rows() => Enumerable.Range(0, 10).Select(i =>
    {
        var (x, y, w, h) = TestPictures.Rectangle(i, 64, 48);
        return (i + 1, i == 4 ? 2 : 1, new double[] { x + (i % 3), y, w, h }, 1 / (i + 3.0));
    });

    private static string Cell(string column, (int Image, int Category, double[] Box, double Score) row) => column switch
    {
        "image_id" => $"{row.Image}",
        "file_name" => $"{row.Image - 1}.png",
        "category_id" => $"{row.Category}",
        "category" => row.Category == 1 ? "light" : "\"dark\"",
        "x" or "x1" => Text(row.Box[0]),
        "y" or "y1" => Text(row.Box[1]),
        "width" => Text(row.Box[2]),
        "height" => Text(row.Box[3]),
        "x2" => Text(row.Box[0] + row.Box[2]),
        "y2" => Text(row.Box[1] + row.Box[3]),
        "score" => Text(row.Score),
        _ => "\"a, b\"",
    };

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private async Task<Uri> UploadAsync(byte[] file)
    {
        using var form = Form(file, "tiny");
        using var response = await serve.Client.PostAsync("/v1/evaluations", form, Token);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync(Token));
        return response.Headers.Location!;
    }

    private Task<JsonNode> RefusedAsync(string text, string dataset = "tiny") => RefusedAsync(Encoding.UTF8.GetBytes(text), dataset);

    private async Task<JsonNode> RefusedAsync(byte[] file, string dataset = "tiny")
    {
        using var form = Form(file, dataset);
        return await serve.Client.PostAsync("/v1/evaluations", form, Token).ProblemAsync(HttpStatusCode.BadRequest);
    }

    private static MultipartFormDataContent Form(byte[] file, string dataset)
        => new() { { new StringContent(dataset), "dataset" }, { new ByteArrayContent(file), "detections", "results.csv" } };

    private static string[] Faults(JsonNode problem) => [.. problem["errors"]!["detections"]!.AsArray().Select(fault => (string)fault!)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}

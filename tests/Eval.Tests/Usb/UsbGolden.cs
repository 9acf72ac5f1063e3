using System.Text.Json;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Usb;

/// <summary>The three sets of ../shared/golden/usb, and what the reference makes of them.</summary>
internal static class UsbGolden
{
    /// <summary>The sets at both detection limits, as the file names them.</summary>
    public static string[] Runs { get; } = ["a|100", "a|300", "b|100", "b|300", "c|100", "c|300"];

    public static async Task<JsonElement> ReadExpected()
    {
        await using var file = File.OpenRead(TestFiles.Shared("golden/usb/expected.json"));
        using var document = await JsonDocument.ParseAsync(file, cancellationToken: TestContext.Current.CancellationToken);
        return document.RootElement.Clone();
    }

    public static Task<Dataset> ReadDataset(string set) => CocoDatasetReader.ReadAsync(TestFiles.Shared($"golden/usb/gt_{set}.json"), TestContext.Current.CancellationToken);

    public static Task<DetectionTable> ReadDetections(string set) => CocoResults.ReadAsync(TestFiles.Shared($"golden/usb/dt_{set}.json"), TestContext.Current.CancellationToken);

    /// <summary>A number of the reference, whose -1 is no number.</summary>
    public static void Same(double expected, double? actual, string what)
    {
        // The file has eight decimals.
        var same = actual is { } number ? expected != -1 && Math.Abs(expected - number) <= 0.51e-8 : expected == -1;
        Assert.True(same, $"{what}: expected {expected}, got {(actual is null ? "no number" : $"{actual}")}");
    }
}

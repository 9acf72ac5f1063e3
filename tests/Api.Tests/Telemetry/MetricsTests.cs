using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Serve.Api.Tests.Detection;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Telemetry;

public partial class MetricsTests
{
    [Fact]
    public async Task A_scrape_can_be_read_and_counts_what_was_asked()
    {
        using var folder = TestFiles.NewFolder();
        // A name of its own: meters count for the whole process.
        TestModel.Write(folder.File("models"), "measured", version: 1);
        await using var server = await ServeApplication.StartAsync(folder.Path);
        for (var i = 0; i < 5; i++)
            await server.Client.PostAsync("/v1/detect", DetectTests.Form(("a", "a.png", TestPictures.Png(1)), ("b", "b.png", TestPictures.Png(2))), Token).JsonAsync();
        await server.Client.PostAsync("/v1/detect", DetectTests.Raw("no picture"u8.ToArray()), Token).ProblemAsync(HttpStatusCode.UnsupportedMediaType);

        using var response = await server.Client.GetAsync("/metrics", Token);

        var text = await response.Content.ReadAsStringAsync(Token);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#')).ToList();
        Assert.All(lines, line => Assert.Matches(Sample(), line));
        Assert.Equal(5, Value(lines, "serve_detect_duration_seconds_count", "model=\"measured\""));
        Assert.Equal(10, Value(lines, "serve_detect_decode_duration_seconds_count", "model=\"measured\""));
        Assert.Equal(10, Value(lines, "serve_detect_pictures_total", "model=\"measured\""));
        Assert.Equal(1, Value(lines, "serve_model_info", "model=\"measured\"", "device=\"cpu\"", "family=\"end-to-end\""));
        foreach (var stage in (string[])["queue", "preprocess", "infer", "postprocess"])
            Assert.Equal(10, Value(lines, "serve_inference_stage_duration_seconds_count", "model=\"measured\"", $"stage=\"{stage}\""));
        Assert.InRange(Value(lines, "serve_inference_batch_size_count", "model=\"measured\""), 1, 10);
        // Other servers of this process tell theirs too.
        foreach (var state in (string[])["unloaded", "loading", "ready", "unloading", "failed"])
            Assert.Contains(lines, line => line.StartsWith("serve_models{", StringComparison.Ordinal) && line.Contains($"state=\"{state}\"", StringComparison.Ordinal));
        Assert.True(Value(lines, "serve_model_memory_bytes", "model=\"measured\"") >= 0);
        Assert.Contains(lines, line => line.StartsWith("serve_rejections_total{", StringComparison.Ordinal) && line.Contains("cause=\"unsupported\"", StringComparison.Ordinal));
        Assert.Equal(
            Value(lines, "serve_detect_duration_seconds_count", "model=\"measured\""), Value(lines, "serve_detect_duration_seconds_bucket", "model=\"measured\"", "le=\"+Inf\""));
        Assert.Contains(lines, line => line.StartsWith("http_server_request_duration_seconds_count", StringComparison.Ordinal) && line.Contains("/v1/detect", StringComparison.Ordinal));
    }

    private static double Value(IEnumerable<string> lines, string name, params string[] labels)
    {
        var line = Assert.Single(lines, line => line.StartsWith(name + "{", StringComparison.Ordinal) && labels.All(label => line.Contains(label, StringComparison.Ordinal)));
        return double.Parse(Sample().Match(line).Groups["value"].Value, CultureInfo.InvariantCulture);
    }

    // name{label="value",…} value [milliseconds]
    [GeneratedRegex("""^[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\.)*",?)*\})? (?<value>[-+0-9.eE]+|\+Inf|NaN)(?: \d+)?\r?$""")]
    private static partial Regex Sample();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}

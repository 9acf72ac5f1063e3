using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Hosting;

/// <summary>ONNX Runtime's packages would name the machine in the user's folders, keep events there and send them.</summary>
public class RuntimeReportsTests
{
    [Fact]
    public async Task Server_that_detects_keeps_no_reports_for_the_runtimes_maker()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        var home = folder.File("home");
        Directory.CreateDirectory(home);
        // The runtime reports nothing from where it takes itself to be tested.
        await using var server = await ServeProcess.StartAsync(folder.Path, ("ORT_DISABLE_TELEMETRY", ""), ("HOME", home), ("XDG_CACHE_HOME", ""), ("CI", ""));

        using var picture = new ByteArrayContent(TestPictures.Png());
        using var answer = await server.Client.PostAsync("/v1/detect?model=shapes", picture, TestContext.Current.CancellationToken);

        answer.EnsureSuccessStatusCode();
        Assert.DoesNotContain(Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories), path => path.Contains("onnxruntime", StringComparison.OrdinalIgnoreCase));
    }
}

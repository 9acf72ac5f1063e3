using Serve.Inference.Models;
using Serve.Inference.Repository;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Repository;

/// <summary>A models folder for one test, and repositories that open it.</summary>
internal sealed class ModelsFolder : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public string Path => _folder.Path;

    public string File(string relativePath) => _folder.File(relativePath);

    /// <summary>Writes a version; its threshold tells it from others of the same name and version.</summary>
    public string Write(string name, int version, double threshold = 0.3) => Write(File($"{name}/{version}"), name, version, threshold);

    public static string Write(string folder, string name, int version, double threshold = 0.3)
        => TestModels.Write(folder, TestModels.Passport with { Name = name, Version = version, ScoreThreshold = threshold });

    public ModelRepository Open(Func<ModelRepositoryOptions, ModelRepositoryOptions>? change = null)
    {
        var options = new ModelRepositoryOptions
        {
            Models = new DetectionModelOptions { Device = "cpu" },
            Settle = TimeSpan.FromMilliseconds(150),
            Rescan = TimeSpan.FromMilliseconds(100),
        };
        return ModelRepository.Open(Path, change is null ? options : change(options));
    }

    /// <summary>Waits until something holds, which the repository does on its own.</summary>
    public static Task UntilAsync(Func<bool> holds, string what) => UntilAsync(holds, () => what);

    public static async Task UntilAsync(Func<bool> holds, Func<string> what)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (!holds())
        {
            Assert.True(DateTime.UtcNow < deadline, $"Not after 30 s: {what()}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose() => _folder.Dispose();
}

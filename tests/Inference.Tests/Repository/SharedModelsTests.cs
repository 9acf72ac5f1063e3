using Serve.Inference.Repository;

namespace Serve.Inference.Tests.Repository;

public sealed class SharedModelsTests : IDisposable
{
    private readonly ModelsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_real_model_is_served_by_copying_its_folder_as_it_is()
    {
        var shared = TestFiles.Shared("models");
        foreach (var file in Directory.EnumerateFiles(shared, "*", SearchOption.AllDirectories).Where(file => !file.Contains("expected", StringComparison.Ordinal)))
        {
            var target = _folder.File(Path.GetRelativePath(shared, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        await using var models = _folder.Open();

        Assert.Empty(models.Faults);
        Assert.Equal(Directory.EnumerateDirectories(shared).Select(folder => Path.GetFileName(folder)).Order(), models.Names);
        foreach (var name in models.Names)
        {
            Assert.Contains("Its family is recognised when it is loaded.", Assert.Single(models.Find(name, null).Explanation), StringComparison.Ordinal);
            using (var lease = await models.AcquireAsync(name, null, TestContext.Current.CancellationToken))
                Assert.Equal((name, 1), (lease.Model.Passport.Name, lease.Model.Passport.Version));
            var known = models.Find(name, null);
            Assert.True(known is { State: ModelState.Ready, Explanation.Count: > 1 }, $"{known}");
            await models.UnloadAsync(name, null, TestContext.Current.CancellationToken);
            Assert.Equal(known.Explanation, models.Find(name, 1).Explanation);
        }
    }
}

using Serve.Inference.Repository;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Repository;

public sealed class RepositoryScanTests : IDisposable
{
    private static readonly ModelPolicy Otherwise = new(VersionPolicy.Latest, Pinned: false, Preload: false);

    private readonly ModelsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_may_lie_in_a_version_folder_in_the_folder_of_its_name_or_alone()
    {
        _folder.Write("ant", 2);
        ModelsFolder.Write(_folder.File("bee"), "bee", 1);
        TestModels.Write(_folder.File("x"), TestModels.Passport with { Name = "cow" }, passportInMetadata: true);
        File.Move(_folder.File("x/model.onnx"), _folder.File("cow.onnx"));
        Directory.CreateDirectory(_folder.File("dog/7"));
        File.Copy(_folder.File("cow.onnx"), _folder.File("dog/7/yolo-best.onnx"));

        var scan = Scan();

        Assert.Equal(
            [
                ("ant", 2, VersionLayout.VersionFolder, "ant/2/model.onnx"), ("bee", 1, VersionLayout.NameFolder, "bee/model.onnx"),
                ("cow", 1, VersionLayout.SingleFile, "cow.onnx"), ("dog", 7, VersionLayout.VersionFolder, "dog/7/yolo-best.onnx"),
            ],
            scan.Versions.Select(version => (version.Name, version.Version, version.Layout, Path.GetRelativePath(_folder.Path, version.Graph))));
        Assert.All(scan.Versions, version => Assert.Null(version.Fault));
        Assert.Empty(scan.Faults);
    }

    [Fact]
    public async Task Each_of_them_is_served()
    {
        ModelsFolder.Write(_folder.File("bee"), "bee", 1);
        TestModels.Write(_folder.File("x"), TestModels.Passport with { Name = "cow" }, passportInMetadata: true);
        File.Move(_folder.File("x/model.onnx"), _folder.File("cow.onnx"));
        await using var models = _folder.Open();

        foreach (var name in (string[])["bee", "cow"])
        {
            Assert.Equal(name, models.Find(name, null).Passport?.Name);
            using var lease = await models.AcquireAsync(name, null, TestContext.Current.CancellationToken);
            Assert.Equal((name, 1), (lease.Model.Passport.Name, lease.Version));
        }
    }

    [Fact]
    public void What_looks_like_a_model_and_is_none_is_told_with_the_rule()
    {
        _folder.Write("ant", 1);
        ModelsFolder.Write(_folder.File("bee/best"), "bee", 1);
        ModelsFolder.Write(_folder.File("bad name/1"), "bad", 1);
        File.Copy(_folder.File("ant/1/model.onnx"), _folder.File("cat (1).onnx"));
        File.Copy(_folder.File("ant/1/model.onnx"), _folder.File("ant.onnx"));
        Directory.CreateDirectory(_folder.File("notes"));
        File.WriteAllText(_folder.File("README.md"), "");

        var scan = Scan();

        Assert.Equal(["ant"], scan.Versions.Select(version => version.Name));
        Assert.Collection(
            scan.Faults,
            fault => Assert.EndsWith("ant.onnx: 'ant' has a version 1 already, in " + _folder.File("ant/1/model.onnx") + "; the other is not served.", fault, StringComparison.Ordinal),
            fault => Assert.Contains("'bad name' cannot be a model's name", fault, StringComparison.Ordinal),
            fault => Assert.EndsWith("bee/best: a version's folder is named by a whole number from 1, as in bee/1/model.onnx.", fault, StringComparison.Ordinal),
            fault => Assert.Contains("'cat (1)' cannot be a model's name", fault, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Faulty_versions_are_told_and_do_not_hide_the_others()
    {
        _folder.Write("ant", 1);
        ModelsFolder.Write(_folder.File("cow/2"), "cow", 1);
        _folder.Write("dog", 1);
        File.Delete(_folder.File("dog/1/model.onnx"));
        _folder.Write("eel", 1);
        File.Copy(_folder.File("eel/1/model.onnx"), _folder.File("eel/1/a.onnx"));
        File.Move(_folder.File("eel/1/model.onnx"), _folder.File("eel/1/b.onnx"));
        _folder.Write("fox", 1);
        File.WriteAllBytes(_folder.File("fox/1/model.onnx"), []);

        await using var models = _folder.Open();

        Assert.Equal(ModelState.Unloaded, models.Find("ant", 1).State);
        Assert.Equal(("ant", 4), (models.DefaultName, models.Versions.Count(version => version.State == ModelState.Failed)));
        Assert.Contains("the passport is of 'cow' version 1, but lies in cow/2", models.Find("cow", 2).Reason, StringComparison.Ordinal);
        Assert.EndsWith("there is no model.onnx.", models.Find("dog", 1).Reason, StringComparison.Ordinal);
        Assert.Contains("there are 2 ONNX files (a.onnx, b.onnx)", models.Find("eel", 1).Reason, StringComparison.Ordinal);
        Assert.Contains("the file is empty (0 bytes)", models.Find("fox", 1).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_out_of_the_models_folder_is_refused_and_one_inside_it_is_followed()
    {
        using var outside = TestFiles.NewFolder();
        ModelsFolder.Write(outside.File("1"), "ant", 1);
        Directory.CreateDirectory(_folder.File("ant"));
        Directory.CreateSymbolicLink(_folder.File("ant/1"), outside.File("1"));
        Directory.CreateDirectory(_folder.File("bee/1"));
        File.CreateSymbolicLink(_folder.File("bee/1/model.onnx"), outside.File("1/model.onnx"));
        _folder.Write("cow", 1);
        Directory.CreateSymbolicLink(_folder.File("cow/2"), "1");
        Directory.CreateDirectory(_folder.File("dog"));
        Directory.CreateSymbolicLink(_folder.File("dog/1"), "1");

        await using var models = _folder.Open();

        Assert.EndsWith("ant/1: it is a symbolic link to a place outside of the models folder; copy the file into it.", models.Find("ant", 1).Reason, StringComparison.Ordinal);
        Assert.EndsWith("bee/1/model.onnx: it is a symbolic link to a place outside of the models folder; copy the file into it.", models.Find("bee", 1).Reason, StringComparison.Ordinal);
        Assert.Equal(ModelState.Unloaded, models.Find("cow", 1).State);
        Assert.Contains("the passport is of 'cow' version 1, but lies in cow/2", models.Find("cow", 2).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_foreign_graph_is_described_before_it_is_loaded()
    {
        _folder.Write("ant", 1);
        File.WriteAllText(_folder.File("ant/1/model.json"), "{\"about\": \"another program's record\"}");

        await using var models = _folder.Open();

        var version = models.Find("ant", 1);
        Assert.Equal((ModelState.Unloaded, null), (version.State, version.Passport));
        Assert.Equal(
            "A graph with inputs images [?, 3, 24, 32] and outputs boxes [?, 3, 4], scores [?, 3], labels [?, 3]. Its family is recognised when it is loaded.",
            Assert.Single(version.Explanation));
    }

    [Fact]
    public void A_tag_changes_with_every_file_and_only_then()
    {
        _folder.Write("ant", 1);
        var first = Scan().Versions[0].Tag;
        File.WriteAllText(_folder.File("ant/1/labels.txt"), "cat");
        var second = Scan().Versions[0].Tag;
        File.SetLastWriteTimeUtc(_folder.File("ant/1/labels.txt"), DateTime.UtcNow.AddDays(-1));
        var third = Scan().Versions[0].Tag;

        Assert.Equal(3, new HashSet<string> { first, second, third }.Count);
        Assert.Equal(third, Scan().Versions[0].Tag);
        Directory.Move(_folder.File("ant"), _folder.File("bee"));
        Assert.Equal(third, Scan().Versions[0].Tag);
    }

    private RepositoryScan Scan() => RepositoryScan.Of(_folder.Path, Otherwise);
}

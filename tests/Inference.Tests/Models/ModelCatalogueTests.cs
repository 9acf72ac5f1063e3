using Serve.Eval;
using Serve.Inference.Detection;
using Serve.Inference.Models;

namespace Serve.Inference.Tests.Models;

public sealed class ModelCatalogueTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Models_are_listed_by_name_and_version_without_loading()
    {
        Write("zebra", 1);
        Write("ant", 10);
        Write("ant", 9);

        await using var catalogue = ModelCatalogue.Open(_folder.Path, "cpu");

        Assert.Equal([("ant", 9), ("ant", 10), ("zebra", 1)], catalogue.Passports.Select(passport => (passport.Name, passport.Version)));
        Assert.Empty(catalogue.Loaded);
        Assert.Empty(catalogue.Faults);
    }

    [Fact]
    public async Task The_highest_version_is_given_unless_another_is_asked_for()
    {
        Write("ant", 9);
        Write("ant", 10);
        await using var catalogue = ModelCatalogue.Open(_folder.Path, "cpu");

        Assert.Equal(10, (await catalogue.GetAsync("ant", null, Ct)).Passport.Version);
        Assert.Equal(9, (await catalogue.GetAsync("ant", 9, Ct)).Passport.Version);
        Assert.Equal(2, catalogue.Loaded.Count);
    }

    [Fact]
    public async Task A_model_is_loaded_once_for_all_callers()
    {
        Write("ant", 1);
        await using var catalogue = ModelCatalogue.Open(_folder.Path, "cpu");

        var models = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => catalogue.GetAsync("ant", null, Ct), Ct)));

        Assert.Single(models.Distinct());
        Assert.NotEmpty((await models[0].DetectAsync(TestModels.Grey(200), new DetectionOptions(), Ct)).Detections);
    }

    [Theory]
    [InlineData("bee", null, "There is no model 'bee'. Models here: ant.")]
    [InlineData("../ant", null, "There is no model '../ant'. Models here: ant.")]
    [InlineData("ant", 3, "Model 'ant' has no version 3. Versions here: 1.")]
    public async Task What_is_not_there_is_refused_with_what_is(string name, int? version, string message)
    {
        Write("ant", 1);
        await using var catalogue = ModelCatalogue.Open(_folder.Path, "cpu");

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => catalogue.GetAsync(name, version, Ct));

        Assert.Equal(message, refused.Message);
    }

    [Fact]
    public async Task An_empty_folder_says_so()
    {
        await using var catalogue = ModelCatalogue.Open(_folder.Path, "cpu");

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => catalogue.GetAsync("ant", null, Ct));

        Assert.Equal("There is no model 'ant'. There are none here.", refused.Message);
    }

    [Fact]
    public async Task Faulty_models_are_told_and_do_not_hide_the_others()
    {
        Write("ant", 1);
        Write("bee", 1);
        File.WriteAllText(_folder.File("bee/1/model.json"), "{}");
        TestModels.Write(_folder.File("cow/2"), TestModels.Passport with { Name = "cow", Version = 1 });
        Write("dog", 1);
        File.Delete(_folder.File("dog/1/model.onnx"));

        await using var catalogue = ModelCatalogue.Open(_folder.Path, "cpu");

        Assert.Equal("ant", Assert.Single(catalogue.Passports).Name);
        Assert.Collection(
            catalogue.Faults,
            fault => Assert.Contains("name: is missing", fault, StringComparison.Ordinal),
            fault => Assert.Contains("the passport is of 'cow' version 1, but lies in cow/2", fault, StringComparison.Ordinal),
            fault => Assert.Contains("there is no model.onnx", fault, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_that_failed_to_load_can_be_repaired()
    {
        Write("ant", 1);
        var graph = File.ReadAllBytes(_folder.File("ant/1/model.onnx"));
        File.WriteAllBytes(_folder.File("ant/1/model.onnx"), [1, 2, 3]);
        await using var catalogue = ModelCatalogue.Open(_folder.Path, "cpu");

        await Assert.ThrowsAsync<InvalidInputException>(() => catalogue.GetAsync("ant", null, Ct));
        File.WriteAllBytes(_folder.File("ant/1/model.onnx"), graph);

        Assert.Equal("ant", (await catalogue.GetAsync("ant", null, Ct)).Passport.Name);
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var refused = Assert.Throws<InvalidInputException>(() => ModelCatalogue.Open(_folder.File("none"), "cpu"));

        Assert.StartsWith($"{_folder.File("none")}: there is no such models folder", refused.Message, StringComparison.Ordinal);
    }

    private void Write(string name, int version)
        => TestModels.Write(_folder.File($"{name}/{version}"), TestModels.Passport with { Name = name, Version = version });
}

using Serve.Eval;
using Serve.Inference.Repository;

namespace Serve.Inference.Tests.Repository;

public sealed class ModelPolicyTests : IDisposable
{
    private readonly ModelsFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Versions_that_are_not_listed_are_not_served()
    {
        foreach (var version in (int[])[1, 2, 3])
            _folder.Write("ant", version);
        File.WriteAllText(_folder.File("ant/policy.json"), """{"versions": [1, 2]}""");
        await using var models = _folder.Open();

        using var lease = await models.AcquireAsync("ant", null, Ct);

        Assert.Equal(2, lease.Version);
        Assert.Equal(3, models.Versions.Count);
        var refused = await Assert.ThrowsAsync<UnknownModelException>(async () => await models.AcquireAsync("ant", 3, Ct));
        Assert.Equal("Model \"ant\" has no version 3; its versions are 1, 2. Models: ant.", refused.Message);
    }

    [Theory]
    [InlineData("""{"versions": "all"}""", new[] { 1, 2 })]
    [InlineData("""{"versions": [1, 2]}""", new[] { 1, 2 })]
    [InlineData("""{"versions": "latest"}""", new[] { 2 })]
    [InlineData("{}", new[] { 2 })]
    public async Task Loading_a_model_loads_what_its_policy_keeps(string policy, int[] expected)
    {
        _folder.Write("ant", 1);
        _folder.Write("ant", 2);
        File.WriteAllText(_folder.File("ant/policy.json"), policy);
        await using var models = _folder.Open();

        await models.LoadAsync("ant", null, Ct);

        Assert.Equal(expected, models.Versions.Where(version => version.State == ModelState.Ready).Select(version => version.Version));
    }

    [Fact]
    public async Task Pins_and_preloads_are_those_of_the_options_and_of_the_files()
    {
        _folder.Write("ant", 1);
        _folder.Write("bee", 1);
        File.WriteAllText(_folder.File("bee/policy.json"), """{"pinned": true}""");
        _folder.Write("cow", 1);
        File.WriteAllText(_folder.File("cow/policy.json"), """{"preload": true}""");
        _folder.Write("dog", 1);
        _folder.Write("dog", 2);
        _folder.Write("eel", 1);

        await using var models = _folder.Open(options => options with { Pinned = ["dog:1"] });

        Assert.Equal([("bee", 1), ("dog", 1)], models.Versions.Where(version => version.Pinned).Select(version => (version.Name, version.Version)));
        Assert.Equal([("ant", 1), ("bee", 1), ("cow", 1), ("dog", 1), ("dog", 2)], models.ToPreload(["ant"]).Select(version => (version.Name, version.Version)).Order());
        Assert.Equal(6, models.ToPreload(["*"]).Count);
    }

    [Theory]
    [InlineData("[]", "it is no object")]
    [InlineData("{", "it is no JSON")]
    [InlineData("""{"versions": 1}""", "versions is 1")]
    [InlineData("""{"versions": []}""", "versions is []")]
    [InlineData("""{"versions": [0]}""", "versions is [0]")]
    [InlineData("""{"pinned": "yes"}""", "pinned is \"yes\"")]
    [InlineData("""{"pin": true}""", "\"pin\" is not known")]
    public async Task A_policy_that_cannot_be_read_is_told_and_the_model_is_served_as_without(string policy, string cause)
    {
        _folder.Write("ant", 1);
        File.WriteAllText(_folder.File("ant/policy.json"), policy);

        await using var models = _folder.Open();

        Assert.StartsWith($"{_folder.File("ant/policy.json")}: {cause}; allowed is", Assert.Single(models.Faults), StringComparison.Ordinal);
        using var lease = await models.AcquireAsync("ant", null, Ct);
        Assert.Equal(1, lease.Version);
    }

    [Fact]
    public async Task A_pinned_model_is_neither_unloaded_nor_deleted_by_request()
    {
        _folder.Write("ant", 1);
        await using var models = _folder.Open(options => options with { Pinned = ["ant"] });

        var refused = await Assert.ThrowsAsync<ModelConflictException>(() => models.UnloadAsync("ant", null, Ct));
        await Assert.ThrowsAsync<ModelConflictException>(() => models.DeleteAsync("ant", null, PutCondition.None, Ct));

        Assert.Equal("Model 'ant' version 1 is pinned; take the pin out of the settings or its policy.json first.", refused.Message);
        Assert.True(Directory.Exists(_folder.File("ant/1")));
    }

    [Fact]
    public void Reading_takes_what_the_file_leaves_out_from_elsewhere()
    {
        File.WriteAllText(_folder.File("policy.json"), """{"pinned": false}""");

        var policy = ModelPolicy.Read(_folder.File("policy.json"), new ModelPolicy(VersionPolicy.All, Pinned: true, Preload: true));

        Assert.Equal(new ModelPolicy(VersionPolicy.All, Pinned: false, Preload: true), policy);
        Assert.Throws<InvalidInputException>(() => ModelPolicy.Read(_folder.File("none.json"), policy));
    }
}

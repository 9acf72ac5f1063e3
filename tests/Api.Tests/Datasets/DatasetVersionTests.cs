using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Datasets;

/// <summary>Versions of datasets, on both databases.</summary>
public abstract class DatasetVersionTests : OwnServer
{
    private protected abstract Task<(string Key, string Value)[]> DatabaseAsync();

    private protected override async Task<ServeApplication> StartAsync()
    {
        TestModel.Write(Folder.File("models"), "shapes", version: 1);
        TestModel.WriteSlow(Folder.File("models"), "slow", version: 1);
        TestDataset.Write(Folder.File("data/tiny"), images: 4);
        TestDataset.WriteOne(Folder.File("one"), images: 3);
        TestDataset.WriteOne(Folder.File("two"), images: 5);
        return await ServeApplication.StartAsync(Folder.Path, await DatabaseAsync());
    }

    [Fact]
    public async Task Changed_annotations_are_a_new_version_and_the_old_ones_again_the_first()
    {
        var file = Folder.File("data/tiny/annotations/instances_test.json");
        var text = await File.ReadAllTextAsync(file, Token);
        var first = await Client.GetAsync("/v1/datasets/tiny", Token).JsonAsync();

        await File.WriteAllTextAsync(file, text + " ", Token);
        var second = await Client.GetAsync("/v1/datasets", Token).JsonAsync();
        await File.WriteAllTextAsync(file, text, Token);
        var third = await Client.GetAsync("/v1/datasets/tiny", Token).JsonAsync();
        var versions = await Client.GetAsync("/v1/datasets/tiny/versions", Token).JsonAsync();

        Assert.Equal((1, 2, 1), ((int)first["version"]!, (int)second["datasets"]![0]!["version"]!, (int)third["version"]!));
        Assert.Equal((string)first["contentHash"]!, (string)third["contentHash"]!);
        Assert.Equal(["2 false", "1 true"], versions["versions"]!.AsArray().Select(version => $"{version!["version"]} {version["isCurrent"]}"));
    }

    [Fact]
    public async Task The_same_files_are_the_same_version_whatever_the_archive_and_others_are_the_next()
    {
        var zip = await PutAsync("cells", TestArchives.ZipOf(Folder.File("one"))).JsonAsync(HttpStatusCode.Created);

        var tar = await PutAsync("cells", TestArchives.TarOf(Folder.File("one"), isCompressed: true)).JsonAsync();
        var other = await PutAsync("cells", TestArchives.TarOf(Folder.File("two"), isCompressed: false)).JsonAsync(HttpStatusCode.Created);
        var back = await PutAsync("cells", TestArchives.ZipOf(Folder.File("one"))).JsonAsync();

        Assert.Equal((1, 1, 2, 1), (Version(zip), Version(tar), Version(other), Version(back)));
        Assert.Equal((string)zip["contentHash"]!, (string)tar["contentHash"]!);
        Assert.Equal(("upload", "local", 3), ((string)zip["source"]!, (string)zip["owner"]!, (int)zip["splits"]![0]!["annotations"]!));
        Assert.Equal(5, (int)other["splits"]![0]!["images"]!);
        Assert.Equal("coco", (string)(await Client.GetAsync("/v1/datasets/cells/versions", Token).JsonAsync())["versions"]![0]!["format"]!);
    }

    [Fact]
    public async Task An_evaluation_reads_the_version_that_it_names()
    {
        await PutAsync("cells", TestArchives.ZipOf(Folder.File("one"))).JsonAsync(HttpStatusCode.Created);
        await PutAsync("cells", TestArchives.ZipOf(Folder.File("two"))).JsonAsync(HttpStatusCode.Created);

        var current = await Client.WaitUntilOverAsync(await Client.EvaluateAsync(new { dataset = "cells", model = "shapes" }));
        var first = await Client.WaitUntilOverAsync(await Client.EvaluateAsync(new { dataset = "cells", datasetVersion = 1, model = "shapes" }));
        var unknown = await Client.PostAsJsonAsync("/v1/evaluations", new { dataset = "cells", datasetVersion = 7, model = "shapes" }, Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal((5, 3), ((int)current["report"]!["images"]!, (int)first["report"]!["images"]!));
        Assert.NotEqual((string)current["datasetVersionHash"]!, (string)first["datasetVersionHash"]!);
        Assert.Equal("Dataset \"cells\" has no version 7. Versions: 1, 2.", (string)unknown["errors"]!["dataset"]![0]!);
    }

    [Fact]
    public async Task Many_who_put_the_same_at_once_make_one_version()
    {
        var archive = TestArchives.ZipOf(Folder.File("one"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            using var answer = await PutAsync("cells", archive);
            return answer.StatusCode;
        }));

        Assert.Single(answers, status => status == HttpStatusCode.Created);
        Assert.Equal(5, answers.Count(status => status == HttpStatusCode.OK));
        Assert.Single((await Client.GetAsync("/v1/datasets/cells/versions", Token).JsonAsync())["versions"]!.AsArray());
    }

    [Fact]
    public async Task A_deleted_dataset_is_gone_with_its_files_and_its_name_is_free()
    {
        await PutAsync("cells", TestArchives.ZipOf(Folder.File("one"))).JsonAsync(HttpStatusCode.Created);
        var evaluation = await Client.EvaluateAsync(new { dataset = "cells", model = "shapes" });
        await Client.WaitUntilOverAsync(evaluation);

        using var deleted = await Client.DeleteAsync("/v1/datasets/cells", Token);

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder.File("workspace/datasets")));
        await Client.GetAsync("/v1/datasets/cells", Token).ProblemAsync(HttpStatusCode.NotFound);
        await Client.DeleteAsync("/v1/datasets/cells", Token).ProblemAsync(HttpStatusCode.NotFound);
        Assert.Equal("done", (string)(await Client.GetAsync(evaluation, Token).JsonAsync())["state"]!);
        Assert.Equal(1, Version(await PutAsync("cells", TestArchives.ZipOf(Folder.File("two"))).JsonAsync(HttpStatusCode.Created)));
    }

    [Fact]
    public async Task A_dataset_that_an_evaluation_still_reads_is_not_deleted()
    {
        TestDataset.WriteOne(Folder.File("many"), images: 200);
        await PutAsync("many", TestArchives.ZipOf(Folder.File("many"))).JsonAsync(HttpStatusCode.Created);
        var evaluation = await Client.EvaluateAsync(new { dataset = "many", model = "slow" });

        var refused = await Client.DeleteAsync("/v1/datasets/many", Token).ProblemAsync(HttpStatusCode.Conflict);
        await Client.DeleteAsync(evaluation, Token).JsonAsync();
        using var deleted = await Client.DeleteAsync("/v1/datasets/many", Token);

        Assert.StartsWith("Dataset \"many\" is needed by 1 evaluation", refused.Detail());
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    private Task<HttpResponseMessage> PutAsync(string name, byte[] archive) => Client.PutAsync($"/v1/datasets/{name}", new ByteArrayContent(archive), Token);

    private static int Version(JsonNode dataset) => (int)dataset["version"]!;
}

/// <summary>On SQLite.</summary>
public sealed class SqliteDatasetVersionTests : DatasetVersionTests
{
    private protected override Task<(string Key, string Value)[]> DatabaseAsync() => Task.FromResult<(string, string)[]>([]);
}

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresDatasetVersionTests(SharedPostgres postgres) : DatasetVersionTests
{
    private protected override async Task<(string Key, string Value)[]> DatabaseAsync()
        => [("Serve:Database:Kind", "postgres"), ("Serve:Database:Connection", await postgres.NewDatabaseAsync())];
}

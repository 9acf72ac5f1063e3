using System.Net;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Datasets;

public class DatasetEndpointsTests(ServeFixture serve)
{
    [Fact]
    public async Task List_has_splits_counts_and_categories()
    {
        var list = await serve.Client.GetAsync("/v1/datasets", Token).JsonAsync();

        var dataset = Assert.Single(list["datasets"]!.AsArray())!;
        Assert.Equal("tiny", (string)dataset["name"]!);
        Assert.Equal(["test 10 10", "val 5 5"], dataset["splits"]!.AsArray().Select(split => $"{split!["name"]} {split["images"]} {split["annotations"]}"));
        Assert.Equal(["light", "dark"], dataset["splits"]![0]!["categories"]!.AsArray().Select(category => (string)category!));
    }

    [Fact]
    public async Task A_dataset_of_the_data_folder_is_public_and_belongs_to_nobody()
    {
        var dataset = await serve.Client.GetAsync("/v1/datasets/tiny", Token).JsonAsync();

        Assert.Equal(("public", "folder", 1), ((string)dataset["visibility"]!, (string)dataset["source"]!, (int)dataset["version"]!));
        Assert.Equal(64, ((string)dataset["contentHash"]!).Length);
        Assert.Null(dataset["owner"]);
        Assert.Empty(dataset["withheld"]!.AsArray());
    }

    [Fact]
    public async Task Statistics_count_objects_sizes_and_categories()
    {
        var statistics = await serve.Client.GetAsync("/v1/datasets/tiny/statistics", Token).JsonAsync();

        var test = statistics["splits"]!.AsArray().Single(split => (string)split!["name"]! == "test")!;
        Assert.Equal((10, 10, 0), ((int)test["images"]!, (int)test["objects"]!, (int)test["emptyImages"]!));
        Assert.Equal(["light 10 10", "dark 0 0"], test["categories"]!.AsArray().Select(category => $"{category!["name"]} {category["objects"]} {category["images"]}"));
        Assert.Equal(10, test["relativeScale"]!.AsArray().Sum(bin => (int)bin!["count"]!));
        Assert.Equal(1, (double)test["objectsPerImage"]!["mean"]!);
    }

    [Fact]
    public async Task Get_describes_one_and_an_unknown_one_is_404_with_the_list()
    {
        var dataset = await serve.Client.GetAsync("/v1/datasets/tiny", Token).JsonAsync();
        var problem = await serve.Client.GetAsync("/v1/datasets/..", Token).ProblemAsync(HttpStatusCode.NotFound);
        var unknown = await serve.Client.GetAsync("/v1/datasets/%2E%2E%2Fmodels", Token).ProblemAsync(HttpStatusCode.NotFound);

        Assert.Equal("tiny", (string)dataset["name"]!);
        Assert.NotNull(problem);
        Assert.Contains("Datasets: tiny.", unknown.Detail());
    }

    [Fact]
    public async Task A_damaged_split_tells_its_fault_and_leaves_the_others()
    {
        using var folder = TestFiles.NewFolder();
        TestDataset.Write(folder.File("data/tiny"), images: 2);
        await File.WriteAllTextAsync(folder.File("data/tiny/annotations/instances_val.json"), "{ \"images\": 5 }", Token);
        await using var server = await ServeApplication.StartAsync(folder.Path);

        var dataset = await server.Client.GetAsync("/v1/datasets/tiny", Token).JsonAsync();

        var splits = dataset["splits"]!.AsArray().ToDictionary(split => (string)split!["name"]!);
        Assert.Null(splits["test"]!["fault"]);
        var fault = (string)splits["val"]!["fault"]!;
        Assert.Contains("tiny/annotations/instances_val.json", fault);
        Assert.DoesNotContain(folder.Path, fault);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}

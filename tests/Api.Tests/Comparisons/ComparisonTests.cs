using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Tests.Support;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Statistics;

namespace Serve.Api.Tests.Comparisons;

public sealed class ComparisonTests : OwnServer
{
    private const int Images = 24;

    private protected override Task<ServeApplication> StartAsync()
    {
        TestModel.Write(Folder.File("models"), "shapes", version: 1);
        TestDataset.Write(Folder.File("data/masked"), images: Images, masks: true);
        return ServeApplication.StartAsync(Folder.Path, ("Serve:ShardImages", "8"));
    }

    [Theory]
    [InlineData("coco-bbox")]
    [InlineData("coco-segm")]
    [InlineData("voc-2012")]
    public async Task A_comparison_has_the_numbers_of_the_command_on_the_same_files(string protocol)
    {
        var ids = new List<string>();
        foreach (var (name, results) in Files())
        {
            await File.WriteAllTextAsync(Folder.File(name), JsonSerializer.Serialize(results), Token);
            ids.Add(await DoneAsync(new { dataset = "masked", protocol, detections = results }));
        }

        var made = await Client.PostAsJsonAsync("/v1/comparisons", new { evaluations = ids, names = new[] { "good", "worse", "none" }, resamples = 200, permutations = 100 }, Token)
            .JsonAsync(HttpStatusCode.Created);

        Assert.Equal(await ExpectedAsync(protocol), made["comparison"]!.ToJsonString());
        Assert.Equal(("masked", "test", protocol), ((string)made["dataset"]!, (string)made["split"]!, (string)made["protocol"]!));
        Assert.Equal(ids, made["evaluations"]!.AsArray().Select(one => (string)one!["id"]!));
        // Categories beside the summary, and all pairs of each number.
        Assert.Contains(made["comparison"]!["numbers"]!.AsArray(), number => (string)number!["name"]! == "AP of light" && number["differences"]!.AsArray().Count == 3);
    }

    [Fact]
    public async Task A_comparison_is_kept_and_answered_as_json_or_page_and_listed()
    {
        var (good, worse) = (await SubmitAsync(0), await SubmitAsync(1));
        using var response = await Client.PostAsJsonAsync("/v1/comparisons", new { evaluations = new[] { good, worse }, resamples = 50, permutations = 50 }, Token);
        var made = JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!;
        var address = response.Headers.Location!;

        var read = await Client.GetAsync(address, Token).JsonAsync();
        var page = await Client.GetStringAsync(new Uri($"{address}?format=html", UriKind.Relative), Token);
        var list = await Client.GetAsync("/v1/comparisons?limit=5", Token).JsonAsync();

        Assert.Equal($"/v1/comparisons/{made["id"]}", address.OriginalString);
        Assert.Equal(made.ToJsonString(), read.ToJsonString());
        // Two without a model: the ids tell them apart.
        Assert.Equal([$"detections ({good})", $"detections ({worse})"], made["evaluations"]!.AsArray().Select(one => (string)one!["name"]!));
        Assert.Contains("Comparison under coco-bbox", page, StringComparison.Ordinal);
        Assert.Contains("Differences by category", page, StringComparison.Ordinal);
        Assert.Contains("Where the results disagree most", page, StringComparison.Ordinal);
        var listed = Assert.Single(list["comparisons"]!.AsArray());
        Assert.Equal(((string)made["id"]!, null, null), ((string)listed!["id"]!, listed["comparison"], listed["images"]));
        Assert.Equal(1, (int)list["total"]!);
        Assert.Equal(HttpStatusCode.NotAcceptable, (await AcceptAsync(address, "image/png")).StatusCode);
        Assert.Equal("text/html", (await AcceptAsync(address, "text/html")).Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Images_are_listed_by_how_much_the_evaluations_disagree()
    {
        // The second misses the object of image 3, and finds three that are not there on image 5.
        var good = Good().ToList();
        var other = good.Where(row => (int)row["image_id"] != 3)
            .Concat(Enumerable.Range(0, 3).Select(i => Row(5, 1, [60 - i, 1, 3, 3], score: 0.95))).ToList();
        var (a, b) = (await DoneAsync(new { dataset = "masked", detections = good }), await DoneAsync(new { dataset = "masked", detections = other }));

        var made = await Client.PostAsJsonAsync("/v1/comparisons", new { evaluations = new[] { a, b }, names = new[] { "a", "b" }, images = 5, resamples = 10, permutations = 10 }, Token)
            .JsonAsync(HttpStatusCode.Created);

        var images = made["images"]!;
        Assert.Equal((0.5, 2), ((double)images["iouThreshold"]!, (int)images["disagreeing"]!));
        Assert.Equal([5L, 3L], images["most"]!.AsArray().Select(image => (long)image!["imageId"]!));
        var missed = images["most"]![1]!;
        Assert.Equal(("2.png", 1, 0, 1), ((string)missed["fileName"]!, (int)missed["objects"]!, (int)missed["foundByAll"]!, (int)missed["foundBySome"]!));
        Assert.Equal([("a", 1, 0, 0), ("b", 0, 0, 1)], missed["results"]!.AsArray()
            .Select(own => ((string)own!["result"]!, (int)own["truePositives"]!, (int)own["falsePositives"]!, (int)own["falseNegatives"]!)));
        Assert.Equal(3, (int)images["most"]![0]!["results"]![1]!["falsePositives"]!);
    }

    [Fact]
    public async Task Evaluations_of_models_are_named_by_them_and_compared_with_submitted_ones()
    {
        var model = await DoneAsync(new { dataset = "masked", model = "shapes" });
        var submitted = await SubmitAsync(0);

        var made = await Client.PostAsJsonAsync("/v1/comparisons", new { evaluations = new[] { model, submitted }, metrics = new[] { "AP50" }, perCategory = false, resamples = 10, permutations = 10 }, Token)
            .JsonAsync(HttpStatusCode.Created);

        Assert.Equal(["shapes 1", "detections"], made["evaluations"]!.AsArray().Select(one => (string)one!["name"]!));
        Assert.Equal("AP50", (string)Assert.Single(made["comparison"]!["numbers"]!.AsArray())!["name"]!);
        Assert.Equal(("shapes", 1), ((string)made["evaluations"]![0]!["model"]!, (int)made["evaluations"]![0]!["version"]!));
    }

    [Fact]
    public async Task What_cannot_be_compared_is_400_with_every_fault()
    {
        var first = await SubmitAsync(0);
        var otherProtocol = await DoneAsync(new { dataset = "masked", protocol = "voc-2007", detections = Good() });
        var otherSplit = await DoneAsync(new { dataset = "masked", split = "val", detections = Array.Empty<object>() });

        var faults = await RefusedAsync(new
        {
            evaluations = new[] { first, "none", first, otherProtocol, otherSplit },
            names = new[] { "a" },
            resamples = 0,
            permutations = 10_001,
            level = 1.5,
            method = "exact",
            images = -1,
        });
        var few = await RefusedAsync(new { evaluations = new[] { first } });
        var metric = await RefusedAsync(new { evaluations = new[] { first, await SubmitAsync(1) }, metrics = new[] { "AP", "mAP" } });

        Assert.Equal(
            [
                "evaluations[1]: there is no evaluation \"none\"; GET /v1/evaluations lists them.",
                $"evaluations[2]: evaluation {first} stands there twice.",
                $"evaluations[3]: evaluation {otherProtocol} is of masked/test under voc-2007, evaluation {first} of masked/test under coco-bbox; compared are evaluations of one dataset under one protocol.",
                $"evaluations[4]: evaluation {otherSplit} is of masked/val under coco-bbox, evaluation {first} of masked/test under coco-bbox; compared are evaluations of one dataset under one protocol.",
            ],
            faults["evaluations"]!.AsArray().Select(fault => (string)fault!));
        Assert.Equal(["evaluations", "images", "level", "method", "names", "permutations", "resamples"], faults.AsObject().Select(fault => fault.Key));
        Assert.Equal("\"names\" has 1 names for 5 evaluations; each needs one.", (string)faults["names"]![0]!);
        Assert.Equal("\"evaluations\" has 1 ids; 2 to 10 evaluations are compared.", (string)few["evaluations"]![0]!);
        Assert.StartsWith("\"metrics\" has \"mAP\"; coco-bbox has AP, AP50, AP75, ", (string)metric["metrics"]![0]!);
    }

    [Fact]
    public async Task An_evaluation_that_is_not_done_and_an_unknown_comparison_are_told()
    {
        var failed = new EvaluationRow
        {
            Id = "f",
            State = EvaluationState.Failed,
            Dataset = "masked",
            Split = "test",
            DatasetHash = new string('0', 64),
            Protocol = "coco-bbox",
            CreatedAt = DateTime.UtcNow,
        };
        await Server.Services.GetRequiredService<EvaluationStore>().AddAsync(failed, submitted: null, Token);

        var faults = await RefusedAsync(new { evaluations = new[] { "f", await SubmitAsync(0) } });
        var unknown = await Client.GetAsync("/v1/comparisons/none", Token).ProblemAsync(HttpStatusCode.NotFound);

        Assert.Equal("evaluations[0]: evaluation f is failed; only those that are done can be compared.", (string)faults["evaluations"]![0]!);
        Assert.Equal("There is no comparison \"none\". GET /v1/comparisons lists them.", unknown.Detail());
    }

    private async Task<HttpResponseMessage> AcceptAsync(Uri address, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { { "Accept", type } } };
        return await Client.SendAsync(request, Token);
    }

    private async Task<JsonNode> RefusedAsync(object request)
        => (await Client.PostAsJsonAsync("/v1/comparisons", request, Token).ProblemAsync(HttpStatusCode.BadRequest))["errors"]!;

    private Task<string> SubmitAsync(int file) => DoneAsync(new { dataset = "masked", detections = Files()[file].Results });

    private async Task<string> DoneAsync(object request)
    {
        var document = await Client.WaitUntilOverAsync(await Client.EvaluateAsync(request));
        Assert.True("done" == (string)document["state"]!, document.ToString());
        return (string)document["id"]!;
    }

    /// <summary>What <c>serve compare --per-category --json</c> writes of the files.</summary>
    private async Task<string> ExpectedAsync(string name)
    {
        var protocol = ProtocolCatalogue.Find(name)!;
        var dataset = await CocoDatasetReader.ReadAsync(Folder.File("data/masked/annotations/instances_test.json"), protocol.Parts, ct: Token);
        var results = new List<NamedResult>();
        foreach (var (file, _) in Files())
            results.Add(new(Path.GetFileNameWithoutExtension(file), Evaluator.Evaluate(dataset, await CocoResults.ReadAsync(Folder.File(file), protocol.Parts, ct: Token), protocol, ct: Token)));
        var options = new StatisticsOptions { Resamples = 200, Permutations = 100 };
        return JsonNode.Parse(PairedComparison.Run(results, options, null, EvaluatedCategories.Of(dataset, results[0].Evaluation), ct: Token).ToJson())!.ToJsonString();
    }

    private static (string Name, List<Dictionary<string, object>> Results)[] Files() =>
    [
        ("good.json", [.. Good()]),
        ("worse.json", [.. Good().Where((_, i) => i % 3 != 0).Select((row, i) => Row((int)row["image_id"], 1, [.. ((double[])row["bbox"]).Select((value, side) => value + (side < 2 ? i % 5 : 0))], 0.3 + (i * 0.02)))]),
        ("none.json", []),
    ];

    private static IEnumerable<Dictionary<string, object>> Good() => Enumerable.Range(0, Images).Select(i =>
    {
        var (x, y, w, h) = TestPictures.Rectangle(i, 64, 48);
        return Row(i + 1, 1, [x, y + (0.3 * (i % 4)), w, h], 0.9 - (i * 0.02));
    });

    private static Dictionary<string, object> Row(int image, int category, double[] box, double score)
        => new() { ["image_id"] = image, ["category_id"] = category, ["bbox"] = box, ["score"] = score };
}

using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Errors;
using Serve.Eval.Masks;
using Serve.Eval.Reports;
using Serve.Eval.Statistics;

namespace Serve.Api.Tests.Evaluation;

public sealed class SubmittedMaskTests : OwnServer
{
    private const int Images = 12;
    private const int Width = 64;
    private const int Height = 48;

    private protected override Task<ServeApplication> StartAsync()
    {
        Directory.CreateDirectory(Folder.File("models"));
        TestDataset.Write(Folder.File("data/masked"), images: Images, masks: true);
        return ServeApplication.StartAsync(Folder.Path, ("Serve:MaxUploadBytes", "2000000"));
    }

    [Theory]
    [InlineData("coco-segm")]
    [InlineData("coco-boundary")]
    [InlineData("lvis-segm")]
    [InlineData("lvis-boundary")]
    [InlineData("lvis-fixed-segm")]
    [InlineData("lvis-fixed-boundary")]
    [InlineData("coco-bbox")]
    [InlineData("voc-2012")]
    public async Task Submitted_masks_of_every_form_have_the_report_of_the_same_file(string protocol)
    {
        var file = await WriteAsync(WithBoxes());

        var posted = await EvaluateAsync(new { dataset = "masked", detections = WithBoxes(), protocol });
        var uploaded = await UploadAsync(protocol, await File.ReadAllBytesAsync(file, Token));

        var expected = await ExpectedAsync(file, protocol);
        Assert.InRange((double)expected["stats"]![0]!, 0.01, 0.99);
        Assert.Equal(expected.ToJsonString(), posted.ToJsonString());
        Assert.Equal(expected.ToJsonString(), uploaded.ToJsonString());
    }

    [Theory]
    [InlineData("coco-segm")]
    [InlineData("coco-bbox")]
    public async Task Masks_without_boxes_give_boxes_and_areas(string protocol)
    {
        var results = Enumerable.Range(0, Images).Select(i => Row(i, Runs(i, shrink: i % 4), box: false));
        var file = await WriteAsync(results);

        var posted = await EvaluateAsync(new { dataset = "masked", detections = results, protocol });
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(await File.ReadAllBytesAsync(file, Token), Token);
        var uploaded = await UploadAsync(protocol, compressed.ToArray());

        var expected = await ExpectedAsync(file, protocol);
        Assert.Equal(expected.ToJsonString(), posted.ToJsonString());
        Assert.Equal(expected.ToJsonString(), uploaded.ToJsonString());
    }

    [Fact]
    public async Task The_gallery_has_the_masks_of_objects_and_detections()
    {
        var address = await Client.EvaluateAsync(new { dataset = "masked", detections = WithBoxes(), protocol = "coco-segm" });
        Assert.Equal("done", (string)(await Client.WaitUntilOverAsync(address))["state"]!);

        var images = (await Client.GetAsync($"{address}/gallery", Token).JsonAsync())["images"]!.AsArray();

        Assert.NotEmpty(images);
        foreach (var image in images)
        {
            var i = (int)image!["id"]! - 1;
            var (x, y, w, h) = TestPictures.Rectangle(i, Width, Height);
            Assert.Equal($"[[{x},{y},{x + w},{y},{x + w},{y + h},{x},{y + h}]]", image["groundTruth"]![0]!["mask"]!.ToJsonString());
            foreach (var detection in image["detections"]!.AsArray())
                Assert.True(detection!["mask"] is null or JsonArray || ((string)detection["mask"]!["counts"]!).Length > 0, detection.ToJsonString());
        }
        Assert.Contains(images.SelectMany(image => image!["detections"]!.AsArray()), detection => detection!["mask"] is JsonObject);
    }

    [Fact]
    public async Task All_faults_of_a_file_are_told_at_once_with_record_and_field()
    {
        const string results = """
            [
              {"image_id": 1, "category_id": 1, "bbox": [0, 0, 4, 4], "score": 0.5, "segmentation": [[0, 0, 4, 0, 4, 4]]},
              {"image_id": "1", "bbox": [0, 0, 4], "score": null, "segmentation": 7},
              {"image_id": 99, "category_id": 1, "bbox": [0, 0, -4, 4], "score": 0.5},
              {"image_id": 2, "category_id": 1, "bbox": [0, 0, 4, 4], "score": 0.5, "segmentation": {"size": [10, 20], "counts": "X6"}},
              {"image_id": 2, "category_id": 1, "bbox": [0, 0, 4, 4], "score": 0.5, "segmentation": {"size": [48, 64], "counts": "~"}},
              {"image_id": 2, "category_id": 1, "bbox": [0, 0, 4, 4], "score": 0.5, "segmentation": [[1, 2]]},
              {"image_id": 3, "category_id": 1, "bbox": [0, 0, 4, 4], "score": 0.5, "segmentation": []}
            ]
            """;
        string[] expected =
        [
            "detections[1]: \"image_id\" is the text \"1\"; it must be an integer of at most 64 bits.",
            "detections[1]: \"bbox\" has 3 values; it must be [x, y, width, height], four finite numbers.",
            "detections[1]: \"score\" is null; it must be a finite number.",
            "detections[1]: \"segmentation\" is 7; it must be polygons, [[x, y, …], …], or run lengths, {\"size\": [height, width], \"counts\": …}.",
            "detections[1]: \"category_id\" is missing; it must be an integer.",
            "detections[2]: \"image_id\" is 99, which is not an image of the dataset (12 images).",
            "detections[2]: \"bbox\" has the width -4 and the height 4; they must be 0 or more.",
            "detections[3]: \"segmentation\" has the size [10, 20]; its image has [48, 64] (height, width).",
            "detections[4]: \"segmentation\" does not hold the text form of run lengths that fit into its size, 48 x 64: characters '0' to 'o', and no more pixels than that.",
            "detections[5]: \"segmentation\" starts with a polygon of 2 numbers; it must have at least 6, which are three points.",
            "detections[6]: \"segmentation\" is an empty list; it must hold at least one polygon.",
        ];

        var posted = await Client.PostAsync("/v1/evaluations", Json($$"""{"dataset":"masked","protocol":"coco-segm","split":"dev","detections":{{results}}}"""), Token)
            .ProblemAsync(HttpStatusCode.BadRequest);
        var fitting = await Client.PostAsync("/v1/evaluations", Json($$"""{"dataset":"masked","protocol":"coco-segm","detections":{{results}}}"""), Token)
            .ProblemAsync(HttpStatusCode.BadRequest);
        using var form = Form("coco-segm", Encoding.UTF8.GetBytes(results));
        var uploaded = await Client.PostAsync("/v1/evaluations", form, Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(expected, Faults(fitting));
        Assert.Equal(expected, Faults(uploaded));
        // Without the dataset, what is wrong with the file itself.
        Assert.Equal(["detections", "split"], posted["errors"]!.AsObject().Select(fault => fault.Key));
        Assert.Equal(expected[..5], Faults(posted));
    }

    [Fact]
    public async Task A_file_that_is_no_json_is_told_with_its_line_after_the_faults_before_it()
    {
        using var form = Form("coco-segm", Encoding.UTF8.GetBytes("[\n{\"image_id\": 1, \"category_id\": 1, \"bbox\": [0, 0, 4, 4]},\n{\"image_id\": 1 \"score\"}]"));

        var problem = await Client.PostAsync("/v1/evaluations", form, Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal("detections[0]: \"score\" is missing; it must be a finite number.", Faults(problem)[0]);
        Assert.StartsWith("detections: not valid JSON at line 3, byte 16: ", Faults(problem)[1]);
    }

    [Fact]
    public async Task Many_faults_are_counted_and_the_first_thousand_are_listed()
    {
        var rows = Enumerable.Range(0, 1500).Select(i => i % 2 == 0 ? (object)new { image_id = 1, category_id = 1, bbox = new[] { 0, 0, 1, 1 } }
            : new { image_id = 900 + i, category_id = 1, bbox = new[] { 0, 0, 1, 1 }, score = 1 });

        var problem = await Client.PostAsJsonAsync("/v1/evaluations", new { dataset = "masked", detections = rows }, Token).ProblemAsync(HttpStatusCode.BadRequest);

        var faults = Faults(problem);
        Assert.Equal(1001, faults.Length);
        Assert.Equal("detections[1]: \"image_id\" is 901, which is not an image of the dataset (12 images).", faults[1]);
        Assert.Equal("detections[998]: \"score\" is missing; it must be a finite number.", faults[998]);
        Assert.Equal("Only the first 1,000 of 1,500 faults are listed.", faults[^1]);
        Assert.EndsWith("And 981 more, in \"errors\".", problem.Detail());
    }

    [Fact]
    public async Task A_form_with_other_fields_or_files_is_refused_with_those_that_are_allowed()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("masked"), "dataset" }, { new StringContent("high"), "threshold" }, { new StringContent("high"), "priority" }, { new StringContent("x"), "version" },
            { new ByteArrayContent([1]), "detections", "a.json" }, { new ByteArrayContent([1]), "more", "b.json" },
        };

        var problem = await Client.PostAsync("/v1/evaluations", form, Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(["detections", "more", "priority", "threshold", "version"], problem["errors"]!.AsObject().Select(fault => fault.Key));
        Assert.Equal("The form has a field \"threshold\"; allowed are dataset, datasetVersion, split, model, version, protocol, priority, device and latency, and the file detections.", (string)problem["errors"]!["threshold"]![0]!);
        Assert.Equal("The priority is \"high\"; it must be a whole number.", (string)problem["errors"]!["priority"]![0]!);
        Assert.Equal("The version is \"x\"; it must be a whole number.", (string)problem["errors"]!["version"]![0]!);
    }

    [Fact]
    public async Task A_form_has_the_priority_and_the_device_of_json()
    {
        using var low = Form("coco-bbox", "[]"u8.ToArray());
        low.Add(new StringContent("-3"), "priority");
        using var device = Form("coco-bbox", "[]"u8.ToArray());
        device.Add(new StringContent("gpu"), "device");

        var accepted = await Client.PostAsync("/v1/evaluations", low, Token).JsonAsync(HttpStatusCode.Accepted);
        var refused = await Client.PostAsync("/v1/evaluations", device, Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(-3, (int)accepted["priority"]!);
        Assert.Equal("A device needs a model.", (string)refused["errors"]!["device"]![0]!);
    }

    [Fact]
    public async Task Detections_are_described_with_both_forms_of_masks_and_as_a_file()
    {
        var document = await Client.GetAsync("/openapi/v1.json", Token).JsonAsync();

        var bodies = document["paths"]!["/v1/evaluations"]!["post"]!["requestBody"]!["content"]!;
        Assert.Equal("#/components/schemas/EvaluationRequest", (string)bodies["application/json"]!["schema"]!["$ref"]!);
        Assert.Equal("binary", (string)bodies["multipart/form-data"]!["schema"]!["properties"]!["detections"]!["format"]!);
        Assert.Equal(["model", "detections", "masks"], bodies["application/json"]!["examples"]!.AsObject().Select(example => example.Key));
        var schemas = document["components"]!["schemas"]!;
        Assert.Equal("#/components/schemas/CocoDetection", (string)schemas["EvaluationRequest"]!["properties"]!["detections"]!["items"]!["$ref"]!);
        Assert.Equal(["object", "array"], schemas["CocoDetection"]!["properties"]!["segmentation"]!["oneOf"]!.AsArray().Select(form => (string)form!["type"]!));
    }

    private static string[] Faults(JsonNode problem) => [.. problem["errors"]!["detections"]!.AsArray().Select(fault => (string)fault!)];

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static MultipartFormDataContent Form(string protocol, byte[] file) => new()
    {
        { new StringContent("masked"), "dataset" }, { new StringContent(protocol), "protocol" }, { new ByteArrayContent(file), "detections", "results.json" },
    };

    private async Task<JsonNode> EvaluateAsync(object request) => await ReportAsync(await Client.EvaluateAsync(request));

    private async Task<JsonNode> UploadAsync(string protocol, byte[] file)
    {
        using var form = Form(protocol, file);
        using var response = await Client.PostAsync("/v1/evaluations", form, Token);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync(Token));
        return await ReportAsync(response.Headers.Location!);
    }

    private async Task<JsonNode> ReportAsync(Uri address)
    {
        var document = await Client.WaitUntilOverAsync(address);
        Assert.True("done" == (string)document["state"]!, document.ToString());
        return Unsigned(document["report"]!);
    }

    /// <summary>The report that <c>serve evaluate</c> makes of the files.</summary>
    private async Task<JsonNode> ExpectedAsync(string file, string name)
    {
        var protocol = ProtocolCatalogue.Find(name)!;
        var dataset = await CocoDatasetReader.ReadAsync(Folder.File("data/masked/annotations/instances_test.json"), protocol.Parts, ct: Token);
        var detections = await CocoResults.ReadAsync(file, protocol.Parts, ct: Token);
        var result = Evaluator.Evaluate(dataset, detections, protocol, ct: Token);
        var report = EvaluationReport.From(result, dataset) with
        {
            Errors = ErrorAnalysis.Run(dataset, detections, result, ct: Token) with { Images = [] },
            Intervals = Bootstrap.Run(result, categories: EvaluatedCategories.Of(dataset, result), ct: Token),
        };
        return Unsigned(JsonNode.Parse(report.ToJson())!);
    }

    private static JsonNode Unsigned(JsonNode report)
    {
        Assert.True(report.AsObject().Remove("provenance"), "The report has no provenance.");
        return report;
    }

    private async Task<string> WriteAsync(IEnumerable<object> results)
    {
        var file = Folder.File("results.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(results), Token);
        return file;
    }

    /// <summary>Two results an image in turn as polygons, compressed and plain run lengths, and a box alone.</summary>
    private static IEnumerable<object> WithBoxes() => from i in Enumerable.Range(0, Images)
                                                      from second in new[] { 0, 1 }
                                                      select Row(i, Form(i, i + second, shrink: (i % 5) + (3 * second)), box: true, second);

    private static object? Form(int image, int form, int shrink)
    {
        var (x, y, w, h) = TestPictures.Rectangle(image, Width, Height);
        return (form % 4) switch
        {
            0 => new[] { new[] { x + 0.3, y, x + w - shrink, y, x + w - shrink, y + h - 0.7, x, y + h } },
            1 => Runs(image, shrink),
            2 => new { size = new[] { Height, Width }, counts = Counts(image, shrink) },
            _ => null,
        };
    }

    private static Dictionary<string, object> Row(int image, object? mask, bool box, int second = 0)
    {
        var (x, y, w, h) = TestPictures.Rectangle(image, Width, Height);
        var row = new Dictionary<string, object> { ["image_id"] = image + 1, ["category_id"] = 1 + second, ["score"] = (0.9 / (image + 1)) + (second * 0.1) };
        if (box)
            row["bbox"] = new[] { x + (image % 4 * 5), y + 0.1, w - second - (image % 3), h };
        if (mask is not null)
            row["segmentation"] = mask;
        return row;
    }

    private static object Runs(int image, int shrink)
    {
        var table = new SegmentationTable();
        table.AddCounts(Counts(image, shrink), Height, Width);
        return new { size = new[] { Height, Width }, counts = Encoding.ASCII.GetString(table.TextOf(0)) };
    }

    /// <summary>Runs down the columns of an image's rectangle, some columns narrower.</summary>
    private static uint[] Counts(int image, int shrink)
    {
        var (x, y, w, h) = TestPictures.Rectangle(image, Width, Height);
        var counts = new List<uint> { (uint)((x * Height) + y) };
        for (var column = 0; column < w - shrink; column++)
            counts.AddRange([(uint)h, (uint)(Height - h)]);
        counts[^1] = (uint)((Height * Width) - counts.SkipLast(1).Sum(count => count));
        return [.. counts];
    }
}

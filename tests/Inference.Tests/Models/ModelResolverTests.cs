using Serve.Eval;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Tests.Models;

public sealed class ModelResolverTests
{
    [Fact]
    public void A_whole_passport_is_taken_as_it_is()
    {
        using var folder = TestFiles.NewFolder();
        TestModels.Write(folder.Path);

        var resolved = Resolve(folder);

        Assert.Equal(TestModels.Passport.ToJson(), resolved.Passport.ToJson());
        Assert.Equal("end-to-end", resolved.Family);
        Assert.Equal(["the passport in model.json says everything; nothing was guessed"], resolved.Explanation);
    }

    [Fact]
    public void A_whole_passport_in_the_metadata_is_taken_with_what_a_file_beside_changes()
    {
        using var folder = TestFiles.NewFolder();
        TestModels.Write(folder.Path, passportInMetadata: true);
        File.WriteAllText(folder.File("model.json"), """{"schema": 1, "scoreThreshold": 0.75, "input": {"padValue": 9}}""");

        var resolved = Resolve(folder);

        Assert.Equal(
            (TestModels.Passport with { ScoreThreshold = 0.75, Input = TestModels.Passport.Input with { PadValue = 9 } }).ToJson(), resolved.Passport.ToJson());
        Assert.Contains("the passport in model.json sets scoreThreshold, input.padValue", resolved.Explanation);
    }

    [Fact]
    public void A_passport_changes_what_was_recognised_and_no_more()
    {
        using var folder = TestFiles.NewFolder();
        Yolo(folder, 7);
        var recognised = Resolve(folder).Passport;
        File.WriteAllText(
            folder.File("model.json"),
            """{"schema": 1, "scoreThreshold": 0.6, "input": {"filter": "area"}, "decoding": {"nms": null, "maxDetections": 5}, "categories": [{"id": 4, "name": "a"}, {"id": 5, "name": "b"}, {"id": 6, "name": "c"}]}""");

        var passport = Resolve(folder).Passport;

        Assert.Equal(
            (recognised with
            {
                ScoreThreshold = 0.6,
                Input = recognised.Input with { Filter = ResizeFilter.Area },
                Decoding = recognised.Decoding! with { Nms = null, MaxDetections = 5 },
                Categories = [new(4, "a"), new(5, "b"), new(6, "c")],
            }).ToJson(),
            passport.ToJson());
    }

    [Fact]
    public void Faults_of_a_passport_over_a_recognised_model_are_told_by_their_path()
    {
        using var folder = TestFiles.NewFolder();
        Yolo(folder, 7);
        File.WriteAllText(folder.File("model.json"), """{"schema": 1, "input": {"width": "wide"}, "decoding": {"code": "cubes"}}""");

        var refused = Assert.Throws<InvalidInputException>(() => Resolve(folder));

        Assert.StartsWith(folder.File("model.json") + ": the passport has 2 faults: input.width: expected a whole number, got \"wide\"; decoding.code:", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_categories_of_another_length_is_refused()
    {
        using var folder = TestFiles.NewFolder();
        Yolo(folder, 7);
        File.WriteAllText(folder.File("model.json"), """{"schema": 1, "categories": [{"id": 1, "name": "a"}]}""");

        var refused = Assert.Throws<InvalidInputException>(() => Resolve(folder));

        Assert.Equal($"{folder.File("model.json")}: categories: 1 are listed, but the graph has 3.", refused.Message);
    }

    [Fact]
    public void A_passport_that_describes_the_decoding_needs_no_family()
    {
        using var folder = TestFiles.NewFolder();
        new OnnxWriter()
            .Input("picture", OnnxWriter.Element.Float, "n", 64, 96, 3)
            .Output("where", OnnxWriter.Element.Float, "n", 50, 4)
            .Output("what", OnnxWriter.Element.Float, "n", 50, 3)
            .Save(folder.File("model.onnx"));
        File.WriteAllText(folder.File("labels.txt"), "background\nred\ngreen\n");
        File.WriteAllText(
            folder.File("model.json"),
            """{"schema": 1, "family": "mine", "decoding": {"boxes": {"outputs": ["where"]}, "scores": {"outputs": ["what"], "activation": "softmax"}, "background": 0}}""");

        var resolved = Resolve(folder);

        Assert.Equal("mine", resolved.Family);
        Assert.Equal(("picture", 96, 64, TensorLayout.Nhwc), (resolved.Passport.Input.Name, resolved.Passport.Input.Width, resolved.Passport.Input.Height, resolved.Passport.Input.Layout));
        Assert.Equal(["red", "green"], resolved.Passport.Categories.Select(category => category.Name));
    }

    [Theory]
    [InlineData("n", "\"axes\": \"nc\"", "", 1)]
    [InlineData("n", "\"axes\": \"nc\"", ", \"count\": {\"outputs\": [\"counts\"], \"axes\": \"b\"}", 0)]
    [InlineData("n", "\"axes\": \"nc\"", ", \"batchIndex\": {\"outputs\": [\"rows\"], \"axes\": \"nc\", \"from\": 5, \"channels\": 1}", 0)]
    [InlineData("n", "\"axes\": \"bnc\"", "", 0)]
    [InlineData(1, "\"axes\": \"nc\"", "", 0)]
    public void Rows_that_do_not_tell_their_picture_run_one_picture_at_a_time(object batch, string axes, string more, int maxBatch)
    {
        using var folder = TestFiles.NewFolder();
        new OnnxWriter()
            .Input("picture", OnnxWriter.Element.Float, batch, 3, 64, 64)
            .Output("rows", OnnxWriter.Element.Float, "rows", 6)
            .Save(folder.File("model.onnx"));
        File.WriteAllText(
            folder.File("model.json"),
            $$$"""{"schema": 1, "decoding": {"boxes": {"outputs": ["rows"], {{{axes}}}, "channels": 4}, "scores": {"outputs": ["rows"], {{{axes}}}, "from": 4, "channels": 1}{{{more}}}}, "categories": [{"id": 1, "name": "a"}]}""");

        var resolved = Resolve(folder);

        Assert.Equal(maxBatch, resolved.Passport.Input.MaxBatch);
        Assert.Equal(maxBatch == 1, resolved.Explanation.Contains("pictures run one at a time: nothing in the outputs tells which picture of a batch a row belongs to"));
    }

    [Theory]
    [InlineData("\"input\": {\"scale\": 2}, \"decoding\": {\"maxDetections\": 5}", "yolov8", 2.0)]
    [InlineData("\"input\": {\"scale\": 2}, \"decoding\": {\"boxes\": {\"outputs\": [\"output0\"], \"axes\": \"bcn\", \"channels\": 4}, \"scores\": {\"outputs\": [\"output0\"], \"axes\": \"bcn\", \"from\": 4}}", "described", 2.0)]
    [InlineData("\"input\": {\"width\": 320, \"height\": 320}, \"decoding\": {\"boxes\": {\"outputs\": [\"output0\"], \"axes\": \"bcn\", \"channels\": 4}, \"scores\": {\"outputs\": [\"output0\"], \"axes\": \"bcn\", \"from\": 4}}", "described", 1.0)]
    public void A_passport_with_name_and_categories_need_not_repeat_what_the_graph_tells(string more, string family, double scale)
    {
        using var folder = TestFiles.NewFolder();
        Yolo(folder, 5);
        File.WriteAllText(folder.File("model.json"), $$$"""{"schema": 1, "name": "mine", "version": 2, {{{more}}}, "categories": [{"id": 1, "name": "a"}]}""");

        var resolved = Resolve(folder);

        Assert.Equal((family, "mine", scale), (resolved.Family, resolved.Passport.Name, resolved.Passport.Input.Scale));
        Assert.Equal(("images", 320, 320, false), (resolved.Passport.Input.Name, resolved.Passport.Input.Width, resolved.Passport.Input.Height, resolved.Passport.Input.ColourManaged));
    }

    [Fact]
    public void A_record_of_another_program_is_set_aside_and_told()
    {
        using var folder = TestFiles.NewFolder();
        Yolo(folder, 7);
        File.WriteAllText(folder.File("model.json"), """{"name": "something", "input": "images"}""");

        var resolved = Resolve(folder);

        Assert.Equal("yolov8", resolved.Family);
        Assert.Contains("model.json beside the graph has no \"schema\": it is another program's record and was set aside", resolved.Explanation);
    }

    [Fact]
    public void A_passport_that_is_no_JSON_is_refused()
    {
        using var folder = TestFiles.NewFolder();
        Yolo(folder, 7);
        File.WriteAllText(folder.File("model.json"), "{\"schema\": 1,");

        var refused = Assert.Throws<InvalidInputException>(() => Resolve(folder));

        Assert.Contains("cannot be read as JSON", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_graph_is_refused_with_its_interface_what_came_near_and_what_to_do()
    {
        using var folder = TestFiles.NewFolder();
        new OnnxWriter()
            .Input("images", OnnxWriter.Element.Float, 1, 3, 64, 64)
            .Output("out", OnnxWriter.Element.Float, 1, 7, 2000)
            .Save(folder.File("model.onnx"));

        var refused = Assert.Throws<InvalidInputException>(() => Resolve(folder));

        Assert.Equal(
            $"{folder.File("model.onnx")}: no known family of detectors has this interface. Inputs: images float32 [1, 3, 64, 64]. Outputs: out float32 [1, 7, 2000]. "
            + "Nearest: yolov8: output out [1, 7, 2000] should have 84 locations for 64 x 64 pixels. "
            + "A detector of any other kind can be described in model.json beside it (docs/models.md): "
            + "{\"schema\": 1, \"input\": {...}, \"decoding\": {\"boxes\": {...}, \"scores\": {...}}}.",
            refused.Message);
    }

    [Fact]
    public void A_family_that_a_passport_names_is_the_only_one_asked()
    {
        using var folder = TestFiles.NewFolder();
        Yolo(folder, 7);
        File.WriteAllText(folder.File("model.json"), """{"schema": 1, "family": "picodet"}""");
        var other = Assert.Throws<InvalidInputException>(() => Resolve(folder));
        File.WriteAllText(folder.File("model.json"), """{"schema": 1, "family": "nothing"}""");
        var unknown = Assert.Throws<InvalidInputException>(() => Resolve(folder));

        Assert.Contains("the passport says 'picodet', but the graph has another interface.", other.Message, StringComparison.Ordinal);
        Assert.Contains("the passport names the family 'nothing', which is not known", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("yolov8", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Families_have_different_names_that_can_stand_in_a_passport()
    {
        Assert.Equal(ModelFamilies.All.Count, ModelFamilies.All.Select(family => family.Name).Distinct().Count());
        Assert.All(ModelFamilies.All, family => Assert.Matches("^[a-z][a-z0-9-]+$", family.Name));
    }

    [Fact]
    public void The_table_of_families_lists_all_of_them()
    {
        var readme = File.ReadAllText(Path.Combine(TestFiles.Root, "README.md"));

        Assert.All(ModelFamilies.All, family => Assert.Contains($"`{family.Name}`", readme, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(7, "", "class 0|class 1|class 2")]
    [InlineData(7, "labels.txt=a\nb\nc\n", "a|b|c")]
    [InlineData(7, "labels.txt=a\r\nb\r\n\r\nc", "a|b|c")]
    [InlineData(7, "labels.txt=0: a\n1: b\n2: c", "a|b|c")]
    [InlineData(7, "labels.txt=3 wheels\n4 wheels\n5 wheels", "3 wheels|4 wheels|5 wheels")]
    [InlineData(7, "labels.txt=Background\na\nb\nc", "a|b|c")]
    [InlineData(7, "labels.txt=a\nb\nc\nbackground", "a|b|c")]
    [InlineData(7, "labels.txt=a\nb\nb", "a|b|b (2)")]
    [InlineData(7, "labels.txt=a\nb", "class 0|class 1|class 2")]
    [InlineData(7, "classes.txt=x\ny\nz", "x|y|z")]
    [InlineData(7, "names.txt=x\ny\nz", "x|y|z")]
    [InlineData(7, "metadata=['m', 'n', 'o']", "m|n|o")]
    [InlineData(7, "metadata=['m', 'n']", "class 0|class 1|class 2")]
    public void Names_of_categories_are_looked_for_where_they_usually_are(int channels, string source, string expected)
    {
        using var folder = TestFiles.NewFolder();
        var (place, text) = source.Split('=') is [var before, var after] ? (before, after) : ("", "");
        Yolo(folder, channels, place == "metadata" ? text : null);
        if (place.EndsWith(".txt", StringComparison.Ordinal))
            File.WriteAllText(folder.File(place), text);

        var resolved = Resolve(folder);

        Assert.Equal(expected, string.Join('|', resolved.Passport.Categories.Select(category => category.Name)));
        Assert.Equal([0, 1, 2], resolved.Passport.Categories.Select(category => category.Id));
    }

    [Theory]
    [InlineData(80, 0, "person", 79, "toothbrush")]
    [InlineData(91, 0, "class 0", 90, "toothbrush")]
    [InlineData(90, 1, "person", 90, "toothbrush")]
    [InlineData(20, 0, "aeroplane", 19, "tvmonitor")]
    public void Numbers_of_categories_that_everybody_uses_have_the_names_of_their_dataset(int count, int firstId, string first, int lastId, string last)
    {
        using var folder = TestFiles.NewFolder();
        Yolo(folder, count + 4);

        var resolved = Resolve(folder);

        Assert.Equal((count, firstId, first), (resolved.Passport.Categories.Count, resolved.Passport.Categories[0].Id, resolved.Passport.Categories[0].Name));
        Assert.Equal((lastId, last), (resolved.Passport.Categories[^1].Id, resolved.Passport.Categories[^1].Name));
        Assert.Contains(resolved.Explanation, line => line.Contains("assumed; labels.txt beside the graph, a name a line, says better", StringComparison.Ordinal));
    }

    [Fact]
    public void COCO_s_ids_have_the_names_of_its_annotation_files()
    {
        var byId = KnownCategories.Coco91.ToDictionary(category => category.Id, category => category.Name);

        Assert.Equal(("stop sign", "cat", "backpack", "chair", "dining table", "toilet", "book"), (byId[13], byId[17], byId[27], byId[62], byId[67], byId[70], byId[84]));
    }

    private static void Yolo(TemporaryFolder folder, int channels, string? names = null)
    {
        var writer = new OnnxWriter()
            .Input("images", OnnxWriter.Element.Float, 1, 3, 320, 320)
            .Output("output0", OnnxWriter.Element.Float, 1, channels, 2100)
            .Metadata("task", "detect");
        if (names is not null)
            writer.Metadata("names", names);
        writer.Save(folder.File("model.onnx"));
    }

    private static ResolvedModel Resolve(TemporaryFolder folder)
    {
        var path = folder.File("model.onnx");
        var graph = OnnxFile.Describe(path);
        return ModelResolver.Resolve(path, graph, new NoProbe(), "given", 1);
    }

    /// <summary>For graphs whose shapes say everything.</summary>
    private sealed class NoProbe : IGraphProbe
    {
        public ProbeResult Run(int batch, int width, int height, double scale) => throw new ModelOutputException("There is nothing to run.");
    }
}

using Serve.Eval;
using Serve.Inference.Models;

namespace Serve.Inference.Tests.Models;

public sealed class PassportTests
{
    private const string Minimal =
        """{"name": "m", "version": 2, "input": {"width": 64, "height": 48}, "categories": [{"id": 1, "name": "a"}], "later": {"unknown": true}}""";

    [Fact]
    public void Json_gives_back_what_was_written()
    {
        var json = TestPassports.Full.ToJson();

        Assert.Equal(json, Passport.FromJson(json).ToJson());
        Assert.Contains("\"resize\": \"letterbox-centre\"", json, StringComparison.Ordinal);
        Assert.Equal(0.5, Passport.FromJson(json).Provenance!.Metrics[0].Values["AP"]);
    }

    [Fact]
    public void What_is_not_stated_of_the_training_is_not_written()
    {
        var stated = TestPassports.Full with { Provenance = TestPassports.Full.Provenance! with { AnnotationTypes = ["boxes"], AggressiveTuning = false, TestTimeAugmentation = true } };

        var read = Passport.FromJson(stated.ToJson()).Provenance!;

        Assert.Equal(["boxes"], read.AnnotationTypes!);
        Assert.Equal((false, true), (read.AggressiveTuning, read.TestTimeAugmentation));
        Assert.DoesNotContain("annotationTypes", TestPassports.Full.ToJson(), StringComparison.Ordinal);
        Assert.Null(Passport.FromJson(TestPassports.Full.ToJson()).Provenance!.AggressiveTuning);
    }

    [Fact]
    public void Fields_that_are_left_out_take_their_defaults_and_unknown_ones_are_passed_over()
    {
        var passport = Passport.FromJson(Minimal);

        Assert.Equal("end-to-end", passport.Family);
        Assert.Equal(0.3, passport.ScoreThreshold);
        Assert.Equal(1.0, passport.Input.Scale);
        Assert.Equal([1.0, 1.0, 1.0], passport.Input.Std);
        Assert.Equal("rgb", passport.Input.ChannelOrder);
        Assert.Equal("boxes", passport.Outputs.Boxes);
        Assert.Null(passport.Provenance);
    }

    [Fact]
    public void All_missing_and_mistyped_fields_are_told_by_their_path()
    {
        const string json = """
            {"version": "1", "input": {"width": 64, "resize": "squeeze", "mean": [0, "x", 0]}, "categories": [{"id": 1}],
             "provenance": {"recipe": "r", "trainedOn": [{"name": "d"}]}}
            """;

        var refused = Assert.Throws<InvalidInputException>(() => Passport.FromJson(json, "m/model.json"));

        Assert.Equal(
            "m/model.json: the passport has 15 faults: name: is missing (a text); version: expected a whole number, got \"1\"; "
            + "input.height: is missing (a whole number); input.resize: expected one of letterbox-top-left, letterbox-centre, stretch, shortest-side, keep, got \"squeeze\"; "
            + "input.mean[1]: expected a number, got \"x\"; categories[0].name: is missing (a text); provenance.commit: is missing (a text); "
            + "provenance.seed: is missing (a whole number); provenance.trainedOn[0].contentHash: is missing (a text); "
            + "provenance.trainedOn[0].images: is missing (a whole number); provenance.trainedOn[0].epochs: is missing (a number); "
            + "provenance.parameters: is missing (a whole number); provenance.multiplyAdds: is missing (a whole number); "
            + "provenance.trainingResolution: is missing (a text); provenance.testResolution: is missing (a text).",
            refused.Message);
    }

    [Fact]
    public void All_values_out_of_range_are_told()
    {
        const string json = """
            {"schema": 9, "name": "../etc", "version": 0, "scoreThreshold": 2,
             "input": {"width": 0, "height": 9000, "padValue": 300, "channelOrder": "gray", "scale": 0, "mean": [0], "std": [1, 0, 1],
                       "extra": [{"name": "images", "value": "input-size"}, {"name": "e", "value": "constant", "numbers": [1e999]}]},
             "outputs": {"boxes": "same", "scores": "same"}, "categories": [{"id": 1, "name": "a"}, {"id": 1, "name": "a"}]}
            """;

        var refused = Assert.Throws<InvalidInputException>(() => Passport.FromJson(json));

        foreach (var field in (string[])["schema: 9", "name: '../etc'", "version: 0", "scoreThreshold: 2", "input.width: 0", "input.height: 9000",
                     "input.padValue: 300", "input.channelOrder: 'gray'", "input.scale: 0", "input.mean:", "input.std:", "input.extra: 'images' is fed 2 times", "input.extra: 'e' has a number that is none", "outputs:",
                     "categories: id 1", "categories: name 'a'"])
            Assert.Contains(field, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null", null)]
    [InlineData("\"masks\"", null)]
    [InlineData("\"labels\"", "outputs: boxes 'boxes', scores 'scores', labels 'labels' and masks 'labels' have to be four different names")]
    [InlineData("3", "outputs.masks: expected a text, got 3")]
    public void Mask_output_is_optional_and_has_a_name_of_its_own(string masks, string? fault)
    {
        var json = $$"""
            {"name": "m", "version": 1, "input": {"width": 32, "height": 32}, "outputs": {"masks": {{masks}}}, "categories": [{"id": 1, "name": "a"}]}
            """;

        var refused = Record.Exception(() => Assert.Equal(masks == "null" ? null : "masks", Passport.FromJson(json).Outputs.Masks));

        Assert.Equal(fault is null, refused is null);
        Assert.Contains(fault ?? "", refused?.Message ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "cannot be read as JSON")]
    [InlineData("{\"name\": ", "cannot be read as JSON")]
    [InlineData("[]", "the document: expected an object, got []")]
    [InlineData("{\"name\": \"\\ud800\"}", "the text at byte 9 is no Unicode")]
    [InlineData("{\"name\": null}", "name: is missing")]
    [InlineData("{\"family\": null, \"provenance\": null}", "family: expected a text, got null; input: is missing")]
    [InlineData("{\"name\": \"m\", \"version\": 99999999999, \"input\": {\"width\": 1, \"height\": 1}, \"categories\": []}", "$.version")]
    public void What_is_not_a_passport_is_refused(string json, string fault)
    {
        var refused = Assert.Throws<InvalidInputException>(() => Passport.FromJson(json, "here"));

        Assert.StartsWith("here: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_written_file_reads_back_and_leaves_nothing_else()
    {
        using var folder = TestFiles.NewFolder();
        var path = folder.File("model.json");

        await TestPassports.Small.WriteAsync(path, TestContext.Current.CancellationToken);
        await TestPassports.Full.WriteAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(TestPassports.Full.ToJson(), Passport.Read(path).ToJson());
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_faulty_record_is_not_written()
    {
        using var folder = TestFiles.NewFolder();
        var faulty = TestPassports.Small with { Version = 0 };

        await Assert.ThrowsAsync<InvalidInputException>(() => faulty.WriteAsync(folder.File("model.json"), TestContext.Current.CancellationToken));

        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using var folder = TestFiles.NewFolder();
        var path = folder.File("none/model.json");

        Assert.Equal($"{path}: there is no such passport.", Assert.Throws<InvalidInputException>(() => Passport.Read(path)).Message);
    }
}

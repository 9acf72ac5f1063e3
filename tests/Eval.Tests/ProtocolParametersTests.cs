using System.Text;
using Serve.Eval.Coco;

namespace Serve.Eval.Tests;

public class ProtocolParametersTests
{
    [Fact]
    public void Defaults_are_those_of_the_reference()
    {
        var protocol = Read("{}");

        Assert.Equal([0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.8999999999999999, 0.95], protocol.IouThresholds);
        Assert.Equal(101, protocol.RecallThresholds.Count);
        Assert.Equal(0.35000000000000003, protocol.RecallThresholds[35]);
        Assert.Equal(1, protocol.RecallThresholds[100]);
        Assert.Equal([1, 10, 100], protocol.MaxDetections);
        Assert.Equal([new("all", 0, 1e10), new("small", 0, 1024), new("medium", 1024, 9216), new("large", 9216, 1e10)], protocol.AreaRanges);
        Assert.True(protocol.UseCategories);
        Assert.Null(protocol.ImageIds);
        Assert.Null(protocol.CategoryIds);
    }

    [Fact]
    public void Parameters_are_read_by_the_references_names()
    {
        var protocol = Read("""
            {"iouType":"bbox","iouThrs":[0.5],"recThrs":[0,1],"maxDets":[50,2],"areaRng":[[0,1e10],[1,2.5]],"areaRngLbl":["all","tiny"],
             "useCats":0,"imgIds":[9007199254740993,-1],"catIds":[3,1]}
            """);

        Assert.Equal([0.5], protocol.IouThresholds);
        Assert.Equal([0, 1], protocol.RecallThresholds);
        Assert.Equal([50, 2], protocol.MaxDetections);
        Assert.Equal([new("all", 0, 1e10), new("tiny", 1, 2.5)], protocol.AreaRanges);
        Assert.False(protocol.UseCategories);
        Assert.Equal([9007199254740993, -1], protocol.ImageIds);
        Assert.Equal([3, 1], protocol.CategoryIds);
    }

    [Fact]
    public void Area_ranges_without_names_take_the_default_names_in_order()
    {
        var protocol = Read("""{"areaRng":[[0,1],[1,2],[2,3],[3,4],[4,5.5]]}""");

        Assert.Equal(["all", "small", "medium", "large", "4-5.5"], protocol.AreaRanges.Select(range => range.Name));
    }

    [Theory]
    [InlineData("[]", "params.json: not an object; parameters are an object with any of iouType, iouThrs, recThrs, maxDets, areaRng, areaRngLbl, useCats, imgIds and catIds.")]
    [InlineData("{\"iouThrs\":", "params.json: not valid JSON at line 1, byte 12.")]
    [InlineData("{\"maxdets\":[1]}", "params.json: \"maxdets\" is no parameter of coco-bbox; those are iouType, iouThrs, recThrs, maxDets, areaRng, areaRngLbl, useCats, imgIds and catIds.")]
    [InlineData("{\"iouThrs\":0.5}", "params.json: \"iouThrs\" holds 0.5; it must be an array of numbers.")]
    [InlineData("{\"maxDets\":[1,2.5]}", "params.json: \"maxDets\" holds 2.5; it must be an array of integers.")]
    [InlineData("{\"areaRng\":[[1,2,3]]}", "params.json: \"areaRng\" holds [1,2,3]; it must be an array of [lower, upper] pairs.")]
    [InlineData("{\"areaRng\":[[1,2]],\"areaRngLbl\":[\"a\",\"b\"]}", "params.json: \"areaRngLbl\" has 2 names for 1 area ranges; each range needs one.")]
    [InlineData("{\"areaRngLbl\":[1]}", "params.json: \"areaRngLbl\" holds 1; it must be an array of Unicode texts.")]
    [InlineData("{\"areaRngLbl\":[\"\\ud800\"]}", "params.json: \"areaRngLbl\" holds \"\\ud800\"; it must be an array of Unicode texts.")]
    [InlineData("{\"iouType\":\"\\ud800\"}", "params.json: \"iouType\" holds \"\\ud800\"; it must be \"bbox\".")]
    [InlineData("{\"\\ud800\":1}", "params.json: \"\\ud800\" is no parameter of coco-bbox; those are iouType, iouThrs, recThrs, maxDets, areaRng, areaRngLbl, useCats, imgIds and catIds.")]
    [InlineData("{\"sigmas\":[1]}", "params.json: \"sigmas\" is no parameter of coco-bbox; those are iouType, iouThrs, recThrs, maxDets, areaRng, areaRngLbl, useCats, imgIds and catIds.")]
    [InlineData("{\"useCats\":2}", "params.json: \"useCats\" holds 2; it must be 0 (pool all categories) or 1.")]
    [InlineData("{\"iouType\":\"segm\"}", "params.json: \"iouType\" holds \"segm\"; it must be \"bbox\".")]
    public void Faults_say_what_was_given_and_what_is_allowed(string json, string message)
        => Assert.Equal(message, Assert.Throws<InvalidInputException>(() => Read(json)).Message);

    [Fact]
    public void Sigmas_are_a_parameter_of_keypoints()
    {
        using var parameters = new MemoryStream("{\"sigma\":[1]}"u8.ToArray());

        var fault = Assert.Throws<InvalidInputException>(() => ProtocolParameters.Read(parameters, "params.json", CocoProtocol.Keypoints));

        Assert.Equal(
            "params.json: \"sigma\" is no parameter of coco-keypoints; those are iouType, iouThrs, recThrs, maxDets, areaRng, areaRngLbl, useCats, imgIds, catIds and sigmas.",
            fault.Message);
    }

    [Fact]
    public void Broken_utf8_is_told_as_it_can_be()
    {
        using var parameters = new MemoryStream([.. "{\"areaRngLbl\":[\""u8, 0xFF, .. "\"]}"u8]);

        var fault = Assert.Throws<InvalidInputException>(() => ProtocolParameters.Read(parameters, "params.json", CocoProtocol.BoundingBox));

        Assert.Equal("params.json: \"areaRngLbl\" holds \"�\"; it must be an array of Unicode texts.", fault.Message);
    }

    [Fact]
    public void Validation_reports_every_problem_at_once()
    {
        var protocol = CocoProtocol.BoundingBox with
        {
            IouThresholds = [0.5, 1.5, double.NaN],
            RecallThresholds = [],
            MaxDetections = [0, 100, -3],
            AreaRanges = [new("odd", 2, 1)],
            UseCategories = false,
            CategoryIds = [1, 3, 1],
        };

        var fault = Assert.Throws<InvalidInputException>(protocol.Validate);

        Assert.Equal(
            """
            coco-bbox: IouThresholds holds 1.5; a value must be 0 to 1.
            IouThresholds holds NaN; a value must be 0 to 1.
            RecallThresholds is empty; at least one value is needed.
            MaxDetections holds 0; a limit must be at least 1.
            MaxDetections holds -3; a limit must be at least 1.
            AreaRanges holds 2 to 1 ("odd"); the lower end must not be above the upper one.
            CategoryIds holds 1 2 times; where categories are pooled, once is allowed (its objects would count 2 times).
            """,
            fault.Message);
    }

    private static CocoProtocol Read(string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return ProtocolParameters.Read(stream, "params.json", CocoProtocol.BoundingBox);
    }
}

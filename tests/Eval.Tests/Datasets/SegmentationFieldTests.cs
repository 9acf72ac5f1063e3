using Serve.Eval.Datasets;
using Serve.Eval.Json;
using Serve.Eval.Masks;
using Serve.Eval.Tests.Json;

namespace Serve.Eval.Tests.Datasets;

public unsafe class SegmentationFieldTests
{
    [Theory]
    [InlineData("[[1,2,3],[4]]", null)]
    [InlineData("[[1,2,3],[4,5]]", "\"segmentation\" has more than 4 numbers, which is the limit")]
    [InlineData("[[],[],[],[],[]]", "\"segmentation\" has more than 4 numbers, which is the limit")]
    [InlineData("{\"size\":[5,4],\"counts\":[1,2,3,4]}", null)]
    [InlineData("{\"size\":[5,4],\"counts\":[1,2,3,4,5]}", "\"segmentation\" has more than 4 numbers, which is the limit")]
    [InlineData("{\"size\":[5,4],\"counts\":[1,2,3,4,-5]}", "\"segmentation\" has more than 4 numbers, which is the limit")]
    public void Numbers_have_a_limit_in_every_form(string json, string? fault)
    {
        var fields = new RecordFields();
        var field = new SegmentationField(fields) { MostNumbers = 4 };

        Assert.Equal(json.Length, new Scanned(json).Run(field.Read));

        Assert.Equal(fault, fields.Fault);
    }

    [Fact]
    public void What_the_limit_lets_pass_has_a_text_form()
    {
        var field = new SegmentationField(new());

        Assert.InRange(RunText.LongestText(field.MostNumbers), 1, SegmentationBlock.LongestRow);
    }
}

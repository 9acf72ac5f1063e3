using Serve.Eval.Coco;
using Serve.Eval.Lvis;

namespace Serve.Eval.Tests;

public class ProtocolCatalogueTests
{
    [Fact]
    public void Protocols_are_found_by_their_names()
    {
        Assert.All(ProtocolCatalogue.All, protocol => Assert.Same(protocol, ProtocolCatalogue.Find(protocol.Name)));
        Assert.Null(ProtocolCatalogue.Find("coco"));
        Assert.Equal(
            [
                "coco-bbox", "coco-segm", "coco-boundary", "coco-keypoints", "lvis-bbox", "lvis-segm", "lvis-boundary", "lvis-fixed-bbox", "lvis-fixed-segm", "lvis-fixed-boundary",
                "voc-2007", "voc-2012", "usb", "usb-wod", "usb-m109s"
            ],
            ProtocolCatalogue.All.Select(protocol => protocol.Name));
    }

    [Fact]
    public void Defaults_are_valid_and_described()
        => Assert.All(ProtocolCatalogue.All, protocol =>
        {
            protocol.Validate();
            Assert.EndsWith(".", protocol.Description, StringComparison.Ordinal);
        });

    [Theory]
    [InlineData("coco-bbox", 100)]
    [InlineData("coco-keypoints", 100)]
    [InlineData("usb", 100)]
    [InlineData("usb-m109s", 300)]
    [InlineData("lvis-bbox", 300)]
    [InlineData("lvis-fixed-bbox", int.MaxValue)]
    [InlineData("voc-2007", int.MaxValue)]
    public void A_result_holds_a_hundred_detections_an_image_or_as_many_as_the_protocol_takes(string name, int expected)
        => Assert.Equal(expected, ProtocolCatalogue.Find(name)!.DetectionsPerImage);

    [Fact]
    public void Other_limits_give_a_result_of_another_size_but_never_a_smaller_one()
    {
        Assert.Equal(1000, (CocoProtocol.BoundingBox with { MaxDetections = [1000, 10] }).DetectionsPerImage);
        Assert.Equal(100, (CocoProtocol.BoundingBox with { MaxDetections = [10] }).DetectionsPerImage);
        Assert.Equal(int.MaxValue, (LvisProtocol.FixedBoundingBox with { MaxDetections = [10] }).DetectionsPerImage);
    }
}

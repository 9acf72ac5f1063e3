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
}

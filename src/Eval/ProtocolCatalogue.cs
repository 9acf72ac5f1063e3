using Serve.Eval.Coco;
using Serve.Eval.Usb;

namespace Serve.Eval;

/// <summary>The protocols, by the names that the command line and the server take.</summary>
public static class ProtocolCatalogue
{
    /// <summary>All protocols with their default parameters.</summary>
    public static IReadOnlyList<Protocol> All { get; } =
    [
        CocoProtocol.BoundingBox, CocoProtocol.Masks, CocoProtocol.Boundaries, CocoProtocol.Keypoints,
        UsbProtocol.Coco, UsbProtocol.Wod, UsbProtocol.M109s,
    ];

    /// <summary>A protocol by name; null when there is none.</summary>
    public static Protocol? Find(string name) => All.FirstOrDefault(protocol => protocol.Name == name);
}

namespace Serve.Eval.Coco;

/// <summary>A named range of object areas in square pixels, inclusive on both ends.</summary>
public sealed record AreaRange(string Name, double Lower, double Upper);

/// <summary>The COCO detection protocol as data.</summary>
public sealed record CocoProtocol
{
    /// <summary>The protocol's name: <c>coco-bbox</c>.</summary>
    public string Name { get; init; } = "coco-bbox";

    /// <summary>COCO boxes with the reference's default parameters.</summary>
    public static CocoProtocol BoundingBox { get; } = new();
}

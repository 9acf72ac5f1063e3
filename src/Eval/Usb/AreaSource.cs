using System.Text.Json.Serialization;

namespace Serve.Eval.Usb;

/// <summary>Where the area of a ground truth comes from. A detection's is always that of its box.</summary>
public enum AreaSource
{
    /// <summary>The annotation's <c>area</c>: of the mask where there is one (COCO). The benchmark's code does so.</summary>
    [JsonStringEnumMemberName("annotation")]
    Annotation,

    /// <summary>The box. The benchmark's documentation says so.</summary>
    [JsonStringEnumMemberName("box")]
    Box,
}

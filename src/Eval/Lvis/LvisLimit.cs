namespace Serve.Eval.Lvis;

/// <summary>What a limit of detections counts under LVIS.</summary>
public enum LvisLimit
{
    /// <summary>The detections of an image, all categories together.</summary>
    Image,

    /// <summary>The detections of a category, all images together: "fixed AP".</summary>
    Category,
}

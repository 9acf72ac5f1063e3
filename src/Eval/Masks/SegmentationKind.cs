namespace Serve.Eval.Masks;

/// <summary>How the mask of a row was given.</summary>
public enum SegmentationKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>As one or more polygons, which together are the mask.</summary>
    Polygons,

    /// <summary>As run lengths in their text form.</summary>
    Text,

    /// <summary>As a plain list of run lengths; kept in the text form.</summary>
    List,
}

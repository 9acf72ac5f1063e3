namespace Serve.Eval.Reports.Markup;

/// <summary>A piece of finished HTML or SVG: what stands in it is taken as it is. Only <see cref="MarkupText"/> and files of this library make one.</summary>
/// <param name="Text">The piece.</param>
internal readonly record struct MarkupPiece(string Text)
{
    /// <summary>Nothing.</summary>
    public static MarkupPiece None => new("");
}

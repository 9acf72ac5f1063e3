using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Html;

/// <summary>A part of the page with a heading of its own.</summary>
/// <param name="Id">Where links lead.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Content">What stands under the heading.</param>
internal sealed record HtmlSection(string Id, string Title, MarkupPiece Content);

using Serve.Eval.Formats;
using Serve.Eval.Reports.Charts;

namespace Serve.Eval.Profiles;

/// <summary>The profiles of a dataset's splits.</summary>
/// <param name="Path">The dataset as the user named it.</param>
/// <param name="Format">Its format.</param>
/// <param name="Splits">A profile a split.</param>
public sealed record ProfileReport(string Path, DatasetFormat Format, IReadOnlyList<DatasetProfile> Splits)
{
    /// <summary>Tables for a terminal.</summary>
    public string ToText() => ProfileText.Of(Path, Splits);

    /// <summary>JSON, for programs.</summary>
    public string ToJson() => ProfileJson.Of(new(Path, Format.Name(), [.. Splits.Select(SplitDocument.From)]));

    /// <summary>The scales of objects as a picture.</summary>
    public Figure ToFigure() => ScaleFigure.Of(Splits);
}

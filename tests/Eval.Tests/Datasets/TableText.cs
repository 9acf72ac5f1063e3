using System.Globalization;
using System.Text;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Datasets;

/// <summary>Everything that was read, as text: two readings are the same when their texts are.</summary>
internal static class TableText
{
    public static string Of(Dataset dataset)
    {
        var text = new StringBuilder();
        foreach (var image in dataset.Images)
            Line(text, $"image {image.Id} \"{image.FileName}\" {image.Width}x{image.Height} -[{string.Join(' ', image.NegativeCategoryIds)}] ?[{string.Join(' ', image.NotExhaustiveCategoryIds)}]");
        foreach (var category in dataset.Categories)
            Line(text, $"category {category.Id} \"{category.Name}\" {category.Supercategory ?? "-"} {category.Frequency ?? "-"} [{(category.Keypoints is null ? "-" : string.Join(' ', category.Keypoints))}]");
        for (var i = 0; i < dataset.GroundTruths.Count; i++)
        {
            var o = dataset.GroundTruths[i];
            Line(text, $"object {o.Id} on {o.ImageId} of {o.CategoryId} at {Numbers([o.X, o.Y, o.Width, o.Height])} area {Numbers([o.Area])} {o.IsCrowd} {o.IsIgnored}{Of(dataset.Segmentations, i)}{Of(dataset.Keypoints, i)}");
        }
        return text.ToString();
    }

    public static string Of(DetectionTable table)
    {
        var text = new StringBuilder();
        for (var i = 0; i < table.Count; i++)
            Line(text, $"detection on {table.ImageIds[i]} of {table.CategoryIds[i]} at {Numbers([table.X[i], table.Y[i], table.Width[i], table.Height[i]])} area {Numbers([table.Areas[i]])} score {Numbers([table.Scores[i]])}{Of(table.Segmentations, i)}{Of(table.Keypoints, i)}");
        return text.ToString();
    }

    public static string Of(SegmentationTable? table, int row)
    {
        switch (table?.KindOf(row))
        {
            case null:
                return "";
            case SegmentationKind.None:
                return " no mask";
            case SegmentationKind.Polygons:
                var polygons = new StringBuilder(" polygons");
                foreach (var polygon in table.PolygonsOf(row))
                    polygons.Append('(').Append(Numbers(polygon)).Append(')');
                return polygons.ToString();
            case var kind:
                return $" {kind} {table.SizeOf(row)} {Encoding.Latin1.GetString(table.TextOf(row))}";
        }
    }

    public static string Of(KeypointTable? table, int row)
    {
        if (table is null)
            return "";
        var values = new double[KeypointTable.Values * table.CountOf(row)];
        table.CopyTo(row, values);
        return $" keypoints {Numbers(values)} labelled {table.LabelledOf(row)}";
    }

    public static string Numbers(ReadOnlySpan<double> numbers)
    {
        var text = new List<string>();
        foreach (var number in numbers)
            text.Add(number.ToString("R", CultureInfo.InvariantCulture));
        return string.Join(' ', text);
    }

    private static void Line(StringBuilder text, FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}

using System.Globalization;
using Serve.Eval.Datasets;

namespace Serve.Eval.Metrics;

/// <summary>Whether matches are of the categories, overlap thresholds and area ranges that they should be of.</summary>
internal static class MatchAgreement
{
    private const int MostIds = 10;

    /// <summary>Refuses matches that were not made under a protocol.</summary>
    /// <param name="what">What they are, for the message.</param>
    /// <param name="matches">What was matched.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="categories">Categories of the dataset.</param>
    /// <exception cref="InvalidInputException">They differ in categories, thresholds or ranges.</exception>
    public static void Require(string what, MatchInput matches, Protocol protocol, IReadOnlyList<Category> categories)
        => Require(what, matches, protocol.Name, InputBuilder.CategoriesOf(categories, protocol), protocol.IouThresholds, protocol.AreaRanges);

    /// <summary>Refuses parts that were not matched under the protocol of the first.</summary>
    /// <exception cref="InvalidInputException">One differs in categories, thresholds or ranges.</exception>
    public static void RequireSame(IReadOnlyList<MatchTable> parts)
    {
        var first = parts[0].Input;
        for (var i = 1; i < parts.Count; i++)
            Require(NameOf(i + 1, parts[i].Input), parts[i].Input, "part 1", first.CategoryIds, first.IouThresholds, first.AreaRanges);
    }

    /// <summary>What a message calls a part.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="part">What was matched.</param>
    public static string NameOf(int number, MatchInput part) => part.ImageIds switch
    {
        [] => $"Part {number}",
        [var only] => $"Part {number} (image {only})",
        [var first, .., var last] => $"Part {number} (images {first} to {last})",
    };

    private static void Require(
        string what, MatchInput matches, string whose, IReadOnlyList<long> categoryIds, IReadOnlyList<double> thresholds, IReadOnlyList<AreaRange> ranges)
    {
        if (!matches.CategoryIds.SequenceEqual(categoryIds))
            throw Fault(what, "categories", Ids(matches.CategoryIds, categoryIds), whose, Ids(categoryIds, matches.CategoryIds));
        if (!matches.IouThresholds.SequenceEqual(thresholds))
            throw Fault(what, "overlap thresholds", Numbers(matches.IouThresholds), whose, Numbers(thresholds));
        if (!matches.AreaRanges.SequenceEqual(ranges))
            throw Fault(what, "area ranges", Ranges(matches.AreaRanges), whose, Ranges(ranges));
    }

    private static InvalidInputException Fault(string what, string kind, string given, string whose, string expected)
        => new($"{what}: the {kind} are {given}; those of {whose} are {expected}. What is evaluated together must be matched under the same protocol and dataset.");

    // Of many, those that make the difference.
    private static string Ids(IReadOnlyList<long> own, IReadOnlyList<long> other)
    {
        if (own.Count <= MostIds)
            return own is [-1] ? "pooled" : own.Count == 0 ? "none" : string.Join(", ", own);
        long[] alone = [.. own.Except(other)];
        var among = alone.Length == 0 ? "" : $" ({string.Join(", ", alone.Take(MostIds))}{(alone.Length > MostIds ? ", ..." : "")} among them)";
        return $"{own.Count} in number{among}";
    }

    private static string Numbers(IReadOnlyList<double> values) => values.Count == 0 ? "none" : string.Join(", ", values.Select(value => value.ToString(CultureInfo.InvariantCulture)));

    private static string Ranges(IReadOnlyList<AreaRange> ranges) => ranges.Count == 0 ? "none" : string.Join(", ", ranges.Select(range => string.Create(
        CultureInfo.InvariantCulture, $"\"{range.Name}\" {range.Lower} to {range.Upper}{(range.Measure is SizeMeasure.Area ? "" : $" ({range.Measure})")}")));
}

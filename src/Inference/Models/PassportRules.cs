using System.Text.RegularExpressions;
using Serve.Eval;
using Serve.Inference.Decoding;

namespace Serve.Inference.Models;

/// <summary>What a passport's values have to keep.</summary>
internal static partial class PassportRules
{
    // No input larger than this is of use, and a wrong one would ask for gigabytes at load.
    private const int LargestInput = 8192;

    /// <summary>True for names that can stand in a path and a URL as they are.</summary>
    public static bool IsName(string name) => NamePattern().IsMatch(name);

    /// <summary>Faults of a record, each with its field.</summary>
    public static IEnumerable<string> Faults(Passport passport)
    {
        if (passport.Schema != Passport.CurrentSchema)
            yield return $"schema: {passport.Schema} is not known; this program reads {Passport.CurrentSchema}";
        if (!IsName(passport.Name))
            yield return $"name: '{passport.Name}' may hold only letters, digits, '.', '-' and '_', begins with a letter or digit, and has at most 100 characters";
        if (passport.Version < 1)
            yield return $"version: {passport.Version} is below 1";
        if (passport.Family.Length == 0)
            yield return "family: is empty";
        if (passport.ScoreThreshold is not (>= 0 and <= 1))
            yield return $"scoreThreshold: {passport.ScoreThreshold} lies outside 0..1";
        foreach (var fault in InputFaults(passport.Input).Concat(OutputFaults(passport.Outputs)).Concat(CategoryFaults(passport)))
            yield return fault;
        foreach (var fault in passport.Decoding is null ? [] : DecodingRules.Faults(passport.Decoding))
            yield return fault;
    }

    /// <summary>Throws when there are faults.</summary>
    /// <exception cref="InvalidInputException">The message names the source and every fault.</exception>
    public static void Require(IEnumerable<string> faults, string source)
    {
        var list = faults.ToList();
        if (list.Count > 0)
            throw new InvalidInputException($"{source}: the passport has {(list.Count == 1 ? "a fault" : $"{list.Count} faults")}: {string.Join("; ", list)}.");
    }

    private static IEnumerable<string> InputFaults(InputSpec input)
    {
        if (input.Name.Length == 0)
            yield return "input.name: is empty";
        if (input.Width is < 1 or > LargestInput)
            yield return $"input.width: {input.Width} lies outside 1..{LargestInput}";
        if (input.Height is < 1 or > LargestInput)
            yield return $"input.height: {input.Height} lies outside 1..{LargestInput}";
        if (!Enum.IsDefined(input.Resize))
            yield return $"input.resize: {input.Resize} is not a rule";
        if (input.SizeMultiple is < 1 or > 1024)
            yield return $"input.sizeMultiple: {input.SizeMultiple} lies outside 1..1024";
        if (input.MaxBatch is < 0 or > 1024)
            yield return $"input.maxBatch: {input.MaxBatch} lies outside 0..1024";
        if (input.Type == PixelType.Uint8 && (input.Scale != 1 || input.Mean.Any(mean => mean != 0) || input.Std.Any(std => std != 1)))
            yield return "input.type: uint8 takes pixels as they are; scale, mean and std have to be left at 1, 0 and 1";
        foreach (var same in input.Extra.Select(extra => extra.Name).Append(input.Name).GroupBy(name => name).Where(group => group.Count() > 1))
            yield return $"input.extra: '{same.Key}' is fed {same.Count()} times";
        foreach (var extra in input.Extra)
        {
            if (extra.Order is not ("wh" or "hw"))
                yield return $"input.extra: '{extra.Name}' has the order '{extra.Order}', which is neither 'wh' nor 'hw'";
            if (extra.Value == ExtraValue.Constant && extra.Numbers.Count == 0)
                yield return $"input.extra: '{extra.Name}' is constant but has no numbers";
            if (!extra.Numbers.All(double.IsFinite))
                yield return $"input.extra: '{extra.Name}' has a number that is none: [{string.Join(", ", extra.Numbers)}]";
        }

        if (input.PadValue is not (>= 0 and <= 255))
            yield return $"input.padValue: {input.PadValue} lies outside 0..255";
        if (input.ChannelOrder is not ("rgb" or "bgr"))
            yield return $"input.channelOrder: '{input.ChannelOrder}' is neither 'rgb' nor 'bgr'";
        if (!double.IsFinite(input.Scale) || input.Scale == 0)
            yield return $"input.scale: {input.Scale} is not a factor";
        if (input.Mean.Count != 3 || !input.Mean.All(double.IsFinite))
            yield return $"input.mean: expected 3 numbers, got [{string.Join(", ", input.Mean)}]";
        if (input.Std.Count != 3 || !input.Std.All(value => double.IsFinite(value) && value != 0))
            yield return $"input.std: expected 3 numbers other than 0, got [{string.Join(", ", input.Std)}]";
    }

    private static IEnumerable<string> OutputFaults(OutputSpec outputs)
    {
        string[] names = [outputs.Boxes, outputs.Scores, outputs.Labels, .. outputs.Masks is { } masks ? new[] { masks } : []];
        if (names.Any(name => name.Length == 0) || names.Distinct().Count() != names.Length)
        {
            yield return outputs.Masks is null
                ? $"outputs: boxes '{outputs.Boxes}', scores '{outputs.Scores}' and labels '{outputs.Labels}' have to be three different names"
                : $"outputs: boxes '{outputs.Boxes}', scores '{outputs.Scores}', labels '{outputs.Labels}' and masks '{outputs.Masks}' have to be four different names";
        }
    }

    private static IEnumerable<string> CategoryFaults(Passport passport)
    {
        if (passport.Categories.Count == 0)
            yield return "categories: is empty";
        foreach (var same in passport.Categories.GroupBy(category => category.Id).Where(group => group.Count() > 1))
            yield return $"categories: id {same.Key} is given {same.Count()} times";
        foreach (var same in passport.Categories.GroupBy(category => category.Name).Where(group => group.Count() > 1))
            yield return $"categories: name '{same.Key}' is given {same.Count()} times";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex NamePattern();
}

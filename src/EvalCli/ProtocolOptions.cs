using System.CommandLine;
using System.Globalization;
using Serve.Eval;

namespace Serve.EvalCli;

/// <summary>The options that choose a protocol and change its parameters.</summary>
internal sealed class ProtocolOptions
{
    private readonly Option<string> _protocol = new("--protocol")
    {
        Description = $"{string.Join(", ", ProtocolCatalogue.All.Select(protocol => protocol.Name))}.",
        DefaultValueFactory = _ => "coco-bbox",
    };
    private readonly Option<string?> _maxDetections = new("--max-detections") { Description = "Detection limits an image and category, e.g. 1,10,100. Of a model, the best of each image are taken: as many as the largest limit, and at least 100 (all, where a protocol limits categories over all images)." };
    private readonly Option<string?> _iouThresholds = new("--iou-thresholds") { Description = "first:step:last, e.g. 0.5:0.05:0.95, or a list, e.g. 0.5,0.75." };
    private readonly Option<string?> _areaRanges = new("--area-ranges") { Description = "name:lower:upper,... in square pixels, e.g. all:0:1e10,tiny:0:256." };
    private readonly Option<bool> _classAgnostic = new("--class-agnostic") { Description = "Pool the categories." };
    private readonly Option<string?> _parameters = new("--parameters") { Description = "JSON file with the reference's names: iouThrs, recThrs, maxDets, areaRng, areaRngLbl, useCats, imgIds, catIds; for keypoints sigmas." };
    private readonly Option<bool> _strictReference = new("--strict-reference") { Description = "Reproduce the reference evaluator to its faults: id 0, repeated ids, fixed detection limits. Otherwise notes say where it would differ." };

    public void AddTo(Command command)
    {
        command.Options.Add(_protocol);
        command.Options.Add(_maxDetections);
        command.Options.Add(_iouThresholds);
        command.Options.Add(_areaRanges);
        command.Options.Add(_classAgnostic);
        command.Options.Add(_parameters);
        command.Options.Add(_strictReference);
    }

    /// <summary>The protocol that the options describe.</summary>
    /// <exception cref="InvalidInputException">An option that cannot be used.</exception>
    public Protocol Read(ParseResult parsed)
    {
        var name = parsed.GetValue(_protocol)!;
        var protocol = ProtocolCatalogue.Find(name)
            ?? throw new InvalidInputException($"--protocol: got {name}, allowed are {string.Join(", ", ProtocolCatalogue.All.Select(known => known.Name))}.");
        if (parsed.GetValue(_parameters) is { } file)
        {
            protocol = ProtocolParameters.Read(Files.Existing(file, "--parameters"), protocol);
        }

        if (parsed.GetValue(_maxDetections) is { } limits)
        {
            protocol = protocol with { MaxDetections = [.. limits.Split(',').Select(text => Whole("--max-detections", text))] };
        }

        if (parsed.GetValue(_iouThresholds) is { } thresholds)
        {
            protocol = protocol with { IouThresholds = Thresholds(thresholds) };
        }

        if (parsed.GetValue(_areaRanges) is { } ranges)
        {
            protocol = protocol with { AreaRanges = [.. ranges.Split(',').Select(Range)] };
        }

        if (parsed.GetValue(_classAgnostic))
        {
            protocol = protocol with { UseCategories = false };
        }

        if (parsed.GetValue(_strictReference))
        {
            protocol = protocol with { StrictReference = true };
        }

        protocol.Validate();
        return protocol;
    }

    /// <summary>Evenly spaced as the reference spaces them: the first plus i steps, the last one exactly as given.</summary>
    internal static IReadOnlyList<double> Thresholds(string text)
    {
        var parts = text.Split(':');
        if (parts.Length == 1)
        {
            return [.. text.Split(',').Select(part => Number("--iou-thresholds", part))];
        }

        if (parts.Length != 3)
        {
            throw new InvalidInputException($"--iou-thresholds: got {text}, allowed are first:step:last or a list with commas.");
        }

        var (first, step, last) = (Number("--iou-thresholds", parts[0]), Number("--iou-thresholds", parts[1]), Number("--iou-thresholds", parts[2]));
        if (step <= 0 || last < first || (last - first) / step > 10_000)
        {
            throw new InvalidInputException($"--iou-thresholds: got {text}; the step must be above 0, the last not below the first, and at most 10,000 steps apart.");
        }

        var count = (int)Math.Round((last - first) / step) + 1;
        var exactStep = count == 1 ? 0 : (last - first) / (count - 1);
        return [.. Enumerable.Range(0, count).Select(i => i == count - 1 ? last : first + (i * exactStep))];
    }

    private static AreaRange Range(string text)
    {
        var parts = text.Split(':');
        return parts.Length == 3
            ? new AreaRange(parts[0], Number("--area-ranges", parts[1]), Number("--area-ranges", parts[2]))
            : throw new InvalidInputException($"--area-ranges: got {text}, allowed is name:lower:upper, several with commas.");
    }

    private static double Number(string option, string text)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw new InvalidInputException($"{option}: {text} is not a number.");

    private static int Whole(string option, string text)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidInputException($"{option}: {text} is not a whole number.");
}

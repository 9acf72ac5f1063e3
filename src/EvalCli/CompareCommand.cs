using System.CommandLine;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Formats.Results;
using Serve.Eval.Statistics;

namespace Serve.EvalCli;

/// <summary><c>serve compare</c>: several results of one dataset, with intervals and p-values.</summary>
internal static class CompareCommand
{
    private static readonly Dictionary<string, IntervalMethod> Methods = new(StringComparer.OrdinalIgnoreCase)
    {
        ["centred"] = IntervalMethod.Centred,
        ["percentile"] = IntervalMethod.Percentile,
        ["bca"] = IntervalMethod.Bca,
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var defaults = new StatisticsOptions();
        var truth = new Option<string>("--truth") { Description = "COCO annotation file.", Required = true };
        var detections = new Option<string[]>("--detections")
        {
            Description = $"Two or more results of the same images, each a {EvaluationFiles.DetectionFormats}.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var metrics = new Option<string?>("--metrics") { Description = "Numbers to compare, e.g. AP,AP50; all of the protocol's summary when not given." };
        var perCategory = new Option<bool>("--per-category") { Description = "Compare the average precision of each category too." };
        var resamples = new Option<int>("--resamples") { Description = "Bootstrap resamples of the images.", DefaultValueFactory = _ => defaults.Resamples };
        var permutations = new Option<int>("--permutations") { Description = "Random exchanges for p-values.", DefaultValueFactory = _ => defaults.Permutations };
        var level = new Option<double>("--level") { Description = "Confidence level of intervals; 1 minus it is the level of significance.", DefaultValueFactory = _ => defaults.Level };
        var method = new Option<string>("--method") { Description = "Intervals that are shown: centred, percentile or bca (bias-corrected and accelerated); --json has percentile and bca in any case.", DefaultValueFactory = _ => Methods.Single(pair => pair.Value == defaults.Method).Key };
        var seed = new Option<long>("--seed") { Description = "The same seed gives the same numbers.", DefaultValueFactory = _ => defaults.Seed };
        var json = new Option<string?>("--json") { Description = "File for the comparison, numbers in full precision." };
        var protocol = new ProtocolOptions();
        var command = new Command(
            "compare",
            """
            Compares results on the same images: intervals, differences, p-values, ranks.
            Example: serve compare --truth instances_val.json --detections first.json second.json --metrics AP,AP50 --json comparison.json
            """)
        {
            truth, detections, metrics, perCategory, resamples, permutations, level, method, seed, json,
        };
        protocol.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var options = new StatisticsOptions
            {
                Resamples = parsed.GetValue(resamples),
                Permutations = parsed.GetValue(permutations),
                Level = parsed.GetValue(level),
                Method = Choice.Of("--method", parsed.GetValue(method)!, Methods),
                Seed = parsed.GetValue(seed),
            };
            options.Validate();
            var files = parsed.GetValue(detections)!;
            if (files.Length < 2)
            {
                throw new InvalidInputException($"--detections: got {files.Length} file, at least two results are needed for a comparison.");
            }

            var (dataset, results) = await EvaluateAsync(parsed.GetValue(truth)!, files, protocol.Read(parsed), ct);
            using var progress = new WorkReport("comparing", parsed.InvocationConfiguration.Error);
            var comparison = PairedComparison.Run(
                results, options, parsed.GetValue(metrics)?.Split(','), parsed.GetValue(perCategory) ? EvaluatedCategories.Of(dataset, results[0].Evaluation) : null, progress, ct);
            if (parsed.GetValue(json) is { } jsonFile)
            {
                await Files.WriteAsync(jsonFile, comparison.ToJson(), ct);
            }

            await parsed.InvocationConfiguration.Output.WriteAsync(comparison.ToText());
            return 0;
        });
        return command;
    }

    private static async Task<(Dataset Dataset, NamedResult[] Results)> EvaluateAsync(string truth, string[] files, Protocol protocol, CancellationToken ct)
    {
        foreach (var file in files)
        {
            EvaluationFiles.RequireDetections(file);
        }

        var dataset = await EvaluationFiles.ReadTruthAsync(truth, protocol.Parts, hash: false, ct);
        var results = new List<NamedResult>();
        foreach (var (name, file) in NamesOf(files).Zip(files))
        {
            var detections = await Detections.ReadAsync(file, dataset, protocol.Parts, ct);
            try
            {
                results.Add(new(name, Evaluator.Evaluate(dataset, detections, protocol, ct: ct)));
            }
            catch (InvalidInputException fault)
            {
                throw new InvalidInputException($"{file}: {fault.Message}", fault);
            }
        }

        return (dataset, [.. results]);
    }

    /// <summary>Names of files and folders without their ends where that tells them apart, else the paths as given.</summary>
    private static string[] NamesOf(string[] files)
    {
        string[] names = [.. files.Select(file => Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(file)))];
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length ? names : files;
    }
}

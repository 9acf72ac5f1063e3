using Serve.Api.Evaluation.Storage;
using Serve.Api.Problems;
using Serve.Eval.Statistics;

namespace Serve.Api.Comparisons;

/// <summary>A request that can be carried out.</summary>
/// <param name="Evaluations">What is compared: done, of one dataset under one protocol.</param>
/// <param name="Names">What to call them.</param>
/// <param name="Metrics">Numbers to compare; null for all.</param>
/// <param name="PerCategory">Whether categories are compared too.</param>
/// <param name="Options">How often, which interval.</param>
/// <param name="Images">Most images that are listed.</param>
internal sealed record CheckedComparison(
    IReadOnlyList<EvaluationRow> Evaluations, IReadOnlyList<string> Names, IReadOnlyList<string>? Metrics, bool PerCategory, StatisticsOptions Options, int Images);

/// <summary>Checks what is to be compared, and reports every fault at once.</summary>
internal sealed class ComparisonRequestCheck(EvaluationQueries queries)
{
    private const int MostEvaluations = 10;
    private const int MostDraws = 10_000;
    private const int MostImages = 1000;
    private const int UsualImages = 20;
    private const int LongestName = 100;

    private static readonly Dictionary<string, IntervalMethod> Methods = new(StringComparer.Ordinal)
    {
        ["centred"] = IntervalMethod.Centred,
        ["percentile"] = IntervalMethod.Percentile,
        ["bca"] = IntervalMethod.Bca,
    };

    /// <exception cref="RequestRefusedException">400 with an <c>errors</c> object: field to faults.</exception>
    public async Task<CheckedComparison> CheckAsync(ComparisonRequest request, CancellationToken ct)
    {
        var faults = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        var rows = await EvaluationsAsync(request.Evaluations, faults, ct);
        CheckNames(request, faults);
        var defaults = new StatisticsOptions();
        var options = defaults with
        {
            Resamples = Within("resamples", request.Resamples, 1, MostDraws, faults) ?? defaults.Resamples,
            Permutations = Within("permutations", request.Permutations, 1, MostDraws, faults) ?? defaults.Permutations,
            Level = request.Level ?? defaults.Level,
            Method = request.Method is null ? defaults.Method : Methods.GetValueOrDefault(request.Method),
            Seed = request.Seed ?? defaults.Seed,
        };
        if (options.Level is not (> 0 and < 1))
            faults["level"] = [$"\"level\" is {request.Level}; it must be above 0 and below 1."];
        if (request.Method is not null && !Methods.ContainsKey(request.Method))
            faults["method"] = [$"\"method\" is \"{request.Method}\"; allowed: {string.Join(", ", Methods.Keys)}."];
        var images = Within("images", request.Images, 0, MostImages, faults) ?? UsualImages;
        if (faults.Count > 0)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, string.Join(" ", faults.Values.SelectMany(list => list))).With("errors", faults.ToDictionary());
        return new(rows, request.Names ?? NamesOf(rows), request.Metrics, request.PerCategory ?? true, options, images);
    }

    private async Task<IReadOnlyList<EvaluationRow>> EvaluationsAsync(IReadOnlyList<string> ids, SortedDictionary<string, string[]> faults, CancellationToken ct)
    {
        if (ids.Count is < 2 or > MostEvaluations)
        {
            faults["evaluations"] = [$"\"evaluations\" has {ids.Count} ids; 2 to {MostEvaluations} evaluations are compared."];
            return [];
        }
        var (rows, wrong) = (new List<EvaluationRow>(), new List<string>());
        for (var i = 0; i < ids.Count; i++)
        {
            var row = ids[i] is { } id ? await queries.FindAsync(id, ct) : null;
            var fault = row switch
            {
                null => $"there is no evaluation \"{ids[i]}\"; GET /v1/evaluations lists them.",
                { State: not EvaluationState.Done } => $"evaluation {row.Id} is {StateText(row)}; only those that are done can be compared.",
                _ when rows.Exists(other => other.Id == row.Id) => $"evaluation {row.Id} stands there twice.",
                _ => rows is [var first, ..] ? DifferenceOf(row, first) : null,
            };
            if (fault is not null)
                wrong.Add($"evaluations[{i}]: {fault}");
            else
                rows.Add(row!);
        }
        if (wrong.Count > 0)
            faults["evaluations"] = [.. wrong];
        return rows;
    }

    private static string StateText(EvaluationRow row) => row.State.ToString().ToLowerInvariant();

    private static string? DifferenceOf(EvaluationRow row, EvaluationRow first)
    {
        if ((row.Dataset, row.Split, row.Protocol) != (first.Dataset, first.Split, first.Protocol))
            return $"evaluation {row.Id} is of {row.Dataset}/{row.Split} under {row.Protocol}, evaluation {first.Id} of {first.Dataset}/{first.Split} under {first.Protocol}; "
                + "compared are evaluations of one dataset under one protocol.";
        return row.DatasetHash == first.DatasetHash ? null
            : $"evaluation {row.Id} is of {row.Dataset}/{row.Split} with other annotations than evaluation {first.Id} (SHA-256 {row.DatasetHash[..12]}… and {first.DatasetHash[..12]}…).";
    }

    private static void CheckNames(ComparisonRequest request, SortedDictionary<string, string[]> faults)
    {
        if (request.Names is not { } names)
            return;
        if (names.Count != request.Evaluations.Count)
            faults["names"] = [$"\"names\" has {names.Count} names for {request.Evaluations.Count} evaluations; each needs one."];
        else if (names.Any(name => string.IsNullOrWhiteSpace(name) || name.Length > LongestName))
            faults["names"] = [$"\"names\": each must have 1 to {LongestName} characters."];
        else if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            faults["names"] = [$"\"names\" has \"{twice.Key}\" twice; each evaluation needs a name of its own."];
    }

    private static int? Within(string field, int? value, int least, int most, SortedDictionary<string, string[]> faults)
    {
        if (value is not null && (value < least || value > most))
            faults[field] = [$"\"{field}\" is {value}; it must be {least} to {most}."];
        return value;
    }

    /// <summary>By model and version, or as submitted; with the id where that does not tell them apart.</summary>
    private static string[] NamesOf(IReadOnlyList<EvaluationRow> rows)
    {
        string[] names = [.. rows.Select(row => row.Model is null ? "detections" : $"{row.Model} {row.ModelVersion}")];
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length ? names : [.. names.Zip(rows, (name, row) => $"{name} ({row.Id})")];
    }
}

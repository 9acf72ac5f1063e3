using System.CommandLine;
using Serve.Eval.Datasets;

namespace Serve.EvalCli;

/// <summary>Where <c>serve evaluate</c> can take detections from other than a file.</summary>
/// <param name="Options">Options that the command gets for it.</param>
/// <param name="IsAsked">True where the command line gives any of the options that ask for this source.</param>
/// <param name="ReadAsync">The dataset, and the detections of its images; null where an option that is needed for them is not given.</param>
internal sealed record DetectionSource(
    IReadOnlyList<Option> Options, Func<ParseResult, bool> IsAsked, Func<ParseResult, CancellationToken, Task<(Dataset, DetectionTable)?>> ReadAsync);

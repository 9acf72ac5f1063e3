using Quartz;
using Serve.Api.Jobs;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>
/// A model that one node was given a moment ago may not have been found by another yet, which looks at a shared folder from time to time: there a job that does not
/// know its model is tried again before it fails.
/// </summary>
internal static class ModelPatience
{
    /// <summary>2 + 4 + 8 seconds: more than the folder's rescan takes by default.</summary>
    private const int Retries = 3;

    public static bool Covers(IJobExecutionContext context, Node node) => node.IsShared && context.RetryAttempt < Retries;
}

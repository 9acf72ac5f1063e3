using Serve.Api.Leaderboards;
using Serve.Inference.Repository;

namespace Serve.Api.Evaluation;

/// <summary>The models of evaluations: those that the server serves, and those that were submitted to leaderboards.</summary>
internal sealed class EvaluatedModels(ModelRepository served, SubmittedModels submitted)
{
    /// <summary>One by its name, as it stands.</summary>
    /// <exception cref="UnknownModelException">No such model or version.</exception>
    public ModelVersion Find(string name, int? version) => SubmittedModels.IsOne(name) ? submitted.Find(name, version) : served.Find(name, version);

    /// <summary>One to run, loaded when it is not yet.</summary>
    /// <exception cref="UnknownModelException">No such model or version.</exception>
    /// <exception cref="ModelUnavailableException">It cannot be loaded; the message says why.</exception>
    public ValueTask<ModelLease> AcquireAsync(string name, int? version, CancellationToken ct)
        => SubmittedModels.IsOne(name) ? submitted.AcquireAsync(name, version, ct) : served.AcquireAsync(name, version, ct);

    /// <summary>Whether a version is there.</summary>
    public bool Has(string name, int? version)
    {
        try
        {
            return Find(name, version) is not null;
        }
        catch (UnknownModelException)
        {
            return false;
        }
    }
}

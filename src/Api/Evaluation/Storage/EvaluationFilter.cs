namespace Serve.Api.Evaluation.Storage;

/// <summary>Which evaluations are listed; what is null does not matter.</summary>
/// <param name="State">Where they stand.</param>
/// <param name="Dataset">Name of the dataset.</param>
/// <param name="Protocol">Name of the protocol.</param>
/// <param name="Model">Name of the model.</param>
internal sealed record EvaluationFilter(EvaluationState? State, string? Dataset, string? Protocol, string? Model)
{
    /// <summary>Those that are asked for. A condition each, so that the database compares plain columns.</summary>
    public IQueryable<EvaluationRow> Of(IQueryable<EvaluationRow> rows)
    {
        if (State is { } state)
            rows = rows.Where(row => row.State == state);
        if (Dataset is not null)
            rows = rows.Where(row => row.Dataset == Dataset);
        if (Protocol is not null)
            rows = rows.Where(row => row.Protocol == Protocol);
        if (Model is not null)
            rows = rows.Where(row => row.Model == Model);
        return rows;
    }
}

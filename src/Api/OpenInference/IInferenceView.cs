namespace Serve.Api.OpenInference;

/// <summary>One way in which a model is offered: its graph's own tensors, or pictures in and detections out.</summary>
internal interface IInferenceView
{
    /// <summary>Name under which the view is asked for.</summary>
    string Name { get; }

    /// <summary>The model's version.</summary>
    int Version { get; }

    /// <summary>What has to be sent, every one of them.</summary>
    IReadOnlyList<ViewTensor> Inputs { get; }

    /// <summary>What can be asked for.</summary>
    IReadOnlyList<ViewTensor> Outputs { get; }

    /// <summary>
    /// Answers a request whose inputs fit <see cref="Inputs"/>. Once the task was cancelled a run that has begun may still read the request's memory; otherwise
    /// nothing touches it any more when the task has ended.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="outputs">Names of the outputs that are wanted, in the order of the answer.</param>
    /// <param name="ct">Cancels: the client has gone.</param>
    /// <returns>The outputs; the caller disposes them.</returns>
    Task<InferenceAnswer> InferAsync(InferenceRequest request, IReadOnlyList<string> outputs, CancellationToken ct);
}

/// <summary>An input or output of a view.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Forms">Types and shapes it can have. The first is the one that metadata show.</param>
internal sealed record ViewTensor(string Name, IReadOnlyList<TensorForm> Forms)
{
    public ViewTensor(string name, TensorDatatype datatype, params int[] shape) : this(name, [new TensorForm(datatype, shape)])
    {
    }
}

/// <summary>A type and a shape.</summary>
/// <param name="Datatype">The type.</param>
/// <param name="Shape">The shape, -1 for a side that is free; null where even the number of dimensions is.</param>
internal sealed record TensorForm(TensorDatatype Datatype, IReadOnlyList<int>? Shape);

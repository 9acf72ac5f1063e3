namespace Serve.Api.OpenInference;

/// <summary>The outputs of an inference, in the order of the answer, and the memory they lie in.</summary>
internal sealed class InferenceAnswer(IReadOnlyList<OutputTensor> outputs, IDisposable? memory = null) : IDisposable
{
    public IReadOnlyList<OutputTensor> Outputs => outputs;

    /// <inheritdoc/>
    public void Dispose() => memory?.Dispose();
}

/// <summary>One output tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Datatype">Its type.</param>
/// <param name="Shape">Its concrete shape.</param>
/// <param name="Data">As on the wire: little-endian, row-major; for BYTES each element after its length in four bytes.</param>
internal sealed record OutputTensor(string Name, TensorDatatype Datatype, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data);

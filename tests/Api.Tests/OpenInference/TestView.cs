using Serve.Api.OpenInference;

namespace Serve.Api.Tests.OpenInference;

/// <summary>A view that answers as a test says.</summary>
internal sealed class TestView(
    IReadOnlyList<ViewTensor> inputs, IReadOnlyList<ViewTensor> outputs, Func<InferenceRequest, IReadOnlyList<OutputTensor>> answer) : IInferenceView
{
    public string Name => "m";

    public int Version => 1;

    public IReadOnlyList<ViewTensor> Inputs => inputs;

    public IReadOnlyList<ViewTensor> Outputs => outputs;

    /// <summary>Gives back its only input <c>x</c>, of any shape, as <c>y</c>.</summary>
    public static TestView Echo(TensorDatatype datatype) => new(
        [new ViewTensor("x", [new TensorForm(datatype, null)])], [new ViewTensor("y", [new TensorForm(datatype, null)])],
        request => [new OutputTensor("y", datatype, request.Inputs[0].Shape, WireOf(request.Inputs[0]))]);

    public Task<InferenceAnswer> InferAsync(InferenceRequest request, IReadOnlyList<string> outputs, CancellationToken ct)
    {
        var all = answer(request);
        return Task.FromResult(new InferenceAnswer([.. outputs.Select(name => all.First(output => output.Name == name))]));
    }

    private static byte[] WireOf(RequestInput input) => input.Datatype == TensorDatatype.Bytes
        ? [.. input.Strings.SelectMany(text => BitConverter.GetBytes(text.Length).Concat(text.ToArray()))]
        : input.Data.ToArray();
}

using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Api.Hosting;
using Serve.Eval;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Api.OpenInference;

/// <summary>A model's graph itself: its own tensors in and out, for clients that do the rest. Picture files are taken in the place of its picture tensor.</summary>
/// <param name="model">The model.</param>
/// <param name="name">The name it is asked for by.</param>
/// <param name="limits">Most pictures, and largest.</param>
internal sealed class RawView(DetectionModel model, string name, ServeOptions limits) : IInferenceView
{
    private IReadOnlyList<ViewTensor>? _inputs;
    private IReadOnlyList<ViewTensor>? _outputs;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int Version => model.Passport.Version;

    /// <inheritdoc/>
    public IReadOnlyList<ViewTensor> Inputs => _inputs ??= [.. model.Inputs.Select(InputOf)];

    /// <inheritdoc/>
    public IReadOnlyList<ViewTensor> Outputs => _outputs ??=
    [
        // The protocol has no complex numbers and no sequences: what else the graph gives is still there.
        .. from output in model.Outputs
           let datatype = TensorDatatypes.Of(output.Type)
           where datatype is not null
           select new ViewTensor(output.Name, [new TensorForm(datatype.Value, output.Shape)]),
    ];

    /// <inheritdoc/>
    public async Task<InferenceAnswer> InferAsync(InferenceRequest request, IReadOnlyList<string> outputs, CancellationToken ct)
    {
        var inputs = new NamedTensor[request.Inputs.Count];
        for (var i = 0; i < inputs.Length; i++)
            inputs[i] = TensorOf(request.Inputs[i], request);
        var asked = request.Parameters;
        var answer = await model.InferAsync(new RawRequest(inputs, outputs, asked.Priority, asked.Timeout), ct);
        return new InferenceAnswer([.. answer.Outputs.Select(OutputOf)]);
    }

    private ViewTensor InputOf(GraphTensor input)
    {
        var datatype = TensorDatatypes.Of(input.Type)
            ?? throw Refusal.Unsupported($"input '{input.Name}' has elements of {input.Type}, which the protocol does not have.");
        var own = new TensorForm(datatype, input.Shape);
        return new ViewTensor(input.Name, TakesPictures(input) ? [own, new TensorForm(TensorDatatype.Bytes, [-1])] : [own]);
    }

    private bool TakesPictures(GraphTensor input) => input.Type != TensorElementType.String && input.Name == model.Passport.Input.Name && input.Shape is { Count: 4 };

    private NamedTensor TensorOf(RequestInput input, InferenceRequest request)
    {
        if (input.Elements == 0)
            throw Refusal.Input(input.Name, $"its shape {TensorShape.Text(input.Shape)} has no elements; a graph is run on one or more.");
        var element = model.Inputs.First(tensor => tensor.Name == input.Name).Type;
        if (input.Datatype == TensorDatatype.Bytes && element != TensorElementType.String)
            return PictureTensors.Of(input, request, model.Passport.Input, element, limits);
        return input.Datatype == TensorDatatype.Bytes
            ? new NamedTensor(input.Name, element, input.Shape, default, [.. input.Strings.Select(text => text.ToArray())])
            : new NamedTensor(input.Name, element, input.Shape, System.Runtime.InteropServices.MemoryMarshal.AsMemory(input.Data));
    }

    private static OutputTensor OutputOf(NamedTensor tensor)
    {
        var datatype = TensorDatatypes.Of(tensor.Type) ?? throw new InvalidInputException($"output '{tensor.Name}' has elements of {tensor.Type}, which the protocol does not have.");
        return new OutputTensor(tensor.Name, datatype, tensor.Shape, tensor.Strings is { } strings ? BinaryBlocks.Join(strings) : tensor.Data);
    }
}

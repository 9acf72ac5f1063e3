using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Eval;
using Serve.Inference.Onnx;

namespace Serve.Inference.Detection;

/// <summary>What a request for a graph's own tensors has to keep.</summary>
internal static class RawRules
{
    /// <summary>The inputs in the graph's order.</summary>
    /// <exception cref="InvalidInputException">One is missing, unknown, repeated, or does not fit; the message names it.</exception>
    public static IReadOnlyList<NamedTensor> Inputs(GraphDescription graph, IReadOnlyList<NamedTensor> given)
    {
        foreach (var tensor in given)
        {
            if (graph.Inputs.All(input => input.Name != tensor.Name))
                throw new InvalidInputException($"inputs: '{tensor.Name}' is not an input of this model; expected {Names(graph.Inputs)}.");
            if (given.Count(other => other.Name == tensor.Name) > 1)
                throw new InvalidInputException($"inputs: '{tensor.Name}' is given more than once.");
        }

        return
        [
            .. graph.Inputs.Select(input =>
            {
                var tensor = given.FirstOrDefault(tensor => tensor.Name == input.Name)
                    ?? throw new InvalidInputException($"inputs: '{input.Name}' is missing; expected {Names(graph.Inputs)}.");
                Require(input, tensor);
                return tensor;
            }),
        ];
    }

    /// <summary>The names of the outputs wanted.</summary>
    /// <exception cref="InvalidInputException">One is unknown or repeated.</exception>
    public static IReadOnlyList<string> Outputs(GraphDescription graph, IReadOnlyList<string>? wanted)
    {
        if (wanted is null)
            return [.. graph.Outputs.Select(output => output.Name)];
        foreach (var name in wanted)
        {
            if (graph.Outputs.All(output => output.Name != name))
                throw new InvalidInputException($"outputs: '{name}' is not an output of this model; expected {Names(graph.Outputs)}.");
            if (wanted.Count(other => other == name) > 1)
                throw new InvalidInputException($"outputs: '{name}' is asked for more than once.");
        }

        return wanted;
    }

    private static void Require(GraphTensor input, NamedTensor tensor)
    {
        var given = $"[{string.Join(", ", tensor.Shape)}]";
        if (tensor.Type != input.Type)
            throw new InvalidInputException($"inputs: '{input.Name}' has elements of {tensor.Type}; expected {input.Type}.");
        if (tensor.Shape.Any(side => side < 0))
            throw new InvalidInputException($"inputs: '{input.Name}' has the shape {given}; sides are 0 or more.");
        if (input.Shape is { } shape && (shape.Count != tensor.Shape.Length || shape.Zip(tensor.Shape).Any(pair => pair.First >= 0 && pair.First != pair.Second)))
            throw new InvalidInputException($"inputs: '{input.Name}' has the shape {given}; expected {input.ShapeText}.");

        // Sides come from outside: their product may be any number.
        var elements = tensor.Shape.Aggregate(Int128.One, (product, side) => Int128.Min(product * side, long.MaxValue));
        if (tensor.Type == TensorElementType.String)
        {
            if (tensor.Strings is not { } strings || strings.Length != elements)
                throw new InvalidInputException($"inputs: '{input.Name}' holds {tensor.Strings?.Length ?? 0} strings; its shape {given} has {elements}.");
        }
        else if (tensor.Data.Length != elements * TensorMemory.ElementSize(tensor.Type))
        {
            throw new InvalidInputException(
                $"inputs: '{input.Name}' holds {tensor.Data.Length} bytes; its shape {given} of {tensor.Type} has {elements * TensorMemory.ElementSize(tensor.Type)}.");
        }
    }

    private static string Names(IReadOnlyList<GraphTensor> tensors) => string.Join(", ", tensors.Select(tensor => $"'{tensor.Name}'"));
}

using Serve.Api.Problems;

namespace Serve.Api.OpenInference;

/// <summary>Holds a request against what a view takes and gives.</summary>
internal static class RequestChecks
{
    /// <summary>Checks that every input is there exactly once, in a form that the view takes.</summary>
    /// <exception cref="RequestRefusedException">400: the message names the input.</exception>
    public static void RequireInputs(InferenceRequest request, IInferenceView view)
    {
        for (var i = 0; i < request.Inputs.Count; i++)
        {
            var input = request.Inputs[i];
            if (Find(view.Inputs, input.Name) is not { } wanted)
                throw Refusal.Input(input.Name, $"model '{view.Name}' has no such input; its inputs are {List(view.Inputs)}.");
            for (var j = 0; j < i; j++)
                if (request.Inputs[j].Name == input.Name)
                    throw Refusal.Input(input.Name, "it is there more than once.");
            RequireForm(input, wanted);
        }
        foreach (var wanted in view.Inputs)
            if (!request.Inputs.Exists(input => input.Name == wanted.Name))
                throw Refusal.Input(wanted.Name, $"it is missing; model '{view.Name}' takes {List(view.Inputs)}.");
    }

    /// <summary>The outputs to answer with, in order, each with whether it goes out as a block.</summary>
    /// <exception cref="RequestRefusedException">400: an output that the view does not have, or that JSON cannot carry.</exception>
    public static (IReadOnlyList<string> Names, bool[] Binary) Outputs(InferenceRequest request, IInferenceView view)
    {
        var all = request.Outputs.Count == 0;
        var count = all ? view.Outputs.Count : request.Outputs.Count;
        var (names, binary) = (new string[count], new bool[count]);
        for (var i = 0; i < count; i++)
        {
            names[i] = all ? view.Outputs[i].Name : request.Outputs[i].Name;
            binary[i] = (all ? null : request.Outputs[i].Binary) ?? request.Parameters.BinaryOutput;
            if (Find(view.Outputs, names[i]) is not { } output)
                throw Refusal.Output(names[i], $"model '{view.Name}' has no such output; its outputs are {List(view.Outputs)}.");
            if (Array.IndexOf(names, names[i], 0, i) >= 0)
                throw Refusal.Output(names[i], "it is asked for more than once.");
            if (!binary[i] && !output.Forms[0].Datatype.IsInJson())
                throw Refusal.Output(names[i], $"JSON cannot carry {output.Forms[0].Datatype.Name()}; ask for it as binary data (parameter \"binary_data\": true).");
        }
        return (names, binary);
    }

    private static void RequireForm(RequestInput input, ViewTensor wanted)
    {
        var isOfType = false;
        foreach (var form in wanted.Forms)
        {
            isOfType |= form.Datatype == input.Datatype;
            if (form.Datatype == input.Datatype && TensorShape.Fits(input.Shape, form.Shape))
                return;
        }
        var forms = string.Join(" or ", wanted.Forms.Select(form => $"{form.Datatype.Name()} {TensorShape.Text(form.Shape)}"));
        throw Refusal.Input(input.Name, isOfType
            ? $"shape {TensorShape.Text(input.Shape)} does not fit; the model takes {forms} (-1: any)."
            : $"datatype {input.Datatype.Name()} does not fit; the model takes {forms} (-1: any).");
    }

    private static ViewTensor? Find(IReadOnlyList<ViewTensor> tensors, string name)
    {
        foreach (var tensor in tensors)
            if (tensor.Name == name)
                return tensor;
        return null;
    }

    private static string List(IEnumerable<ViewTensor> tensors) => string.Join(", ", tensors.Select(tensor => $"'{tensor.Name}'"));
}

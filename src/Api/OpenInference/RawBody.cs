using Serve.Api.Problems;

namespace Serve.Api.OpenInference;

/// <summary>A raw request: the body is the data of the model's only input, the length of the JSON is given as 0.</summary>
internal static class RawBody
{
    /// <summary>Works out the input's shape from the number of bytes. All outputs come back as blocks.</summary>
    /// <exception cref="RequestRefusedException">400: the model has several inputs, its shape leaves too much open, or the bytes do not fill it.</exception>
    public static InferenceRequest Read(ReadOnlyMemory<byte> body, IInferenceView view)
    {
        if (view.Inputs.Count != 1)
            throw Refusal.Request($"A raw request (header length 0) is for models with one input; model '{view.Name}' has {view.Inputs.Count}.");
        var wanted = view.Inputs[0];
        var form = wanted.Forms[0];
        var isString = form.Datatype == TensorDatatype.Bytes;
        var shape = isString ? StringShape(wanted.Name, form) : ShapeOf(wanted.Name, form, body.Length);
        var request = new InferenceRequest { Parameters = new RequestParameters { BinaryOutput = true } };
        request.Inputs.Add(new RequestInput
        {
            Name = wanted.Name,
            Datatype = form.Datatype,
            Shape = shape,
            Elements = TensorShape.Elements(shape)!.Value,
            Data = isString ? default : body,
            Strings = isString ? [body] : [],
        });
        return request;
    }

    /// <summary>The whole body is one element here, without its length before it.</summary>
    private static long[] StringShape(string name, TensorForm form)
        => form.Shape is [-1 or 1] ? [1] : throw Refusal.Input(name, $"a raw request needs a BYTES input of shape [1]; its shape is {TensorShape.Text(form.Shape)}.");

    private static long[] ShapeOf(string name, TensorForm form, int bytes)
    {
        if (form.Shape is null)
            throw Refusal.Input(name, "its shape cannot be worked out from a raw request, as the model leaves its number of dimensions open.");
        long[] shape = [.. form.Shape];
        // A free first side before others is the batch: the request is one of it.
        if (shape.Length > 1 && shape[0] < 0)
            shape[0] = 1;
        if (shape.Count(side => side < 0) > 1)
            throw Refusal.Input(name, $"its shape {TensorShape.Text(form.Shape)} cannot be worked out from a raw request: more than one side is free.");
        var free = Array.FindIndex(shape, side => side < 0);
        var row = form.Datatype.Size() * (Int128)(TensorShape.Elements([.. shape.Where(side => side >= 0)]) ?? long.MaxValue);
        if (free >= 0 && row > 0 && bytes % row == 0)
            shape[free] = (long)(bytes / row);
        else if (free >= 0 || row != bytes)
            throw Refusal.Input(name, $"{bytes} bytes do not fill {form.Datatype.Name()} of shape {TensorShape.Text(form.Shape)}, which takes {(free < 0 ? "" : "a multiple of ")}{row}.");
        return shape;
    }
}

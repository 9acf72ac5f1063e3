using System.Text;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Eval;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Detection;

/// <summary>Runs requests on the graph's own tensors: together along the first dimension where the graph's batch is dynamic and the shapes agree.</summary>
internal sealed class RawRuns(ModelSession session, int maxBatch, ModelRecord record, TimeProvider time)
{
    private readonly string[] _names = [.. session.Graph.Inputs.Select(input => input.Name)];
    private readonly bool _hasBatch = maxBatch > 1 && session.Graph.Inputs.Concat(session.Graph.Outputs).All(HasBatch);

    /// <summary>Checks a request against the graph.</summary>
    /// <exception cref="InvalidInputException">It does not fit.</exception>
    public RawInference Prepare(RawRequest request, int level, TimeSpan? timeout)
    {
        var inputs = RawRules.Inputs(session.Graph, request.Inputs);
        var outputs = RawRules.Outputs(session.Graph, request.Outputs);
        int? rows = null;
        if (_hasBatch && inputs[0].Shape[0] is > 0 and var first && first <= maxBatch && inputs.All(input => input.Shape[0] == first))
            rows = (int)first;
        return new RawInference(inputs, outputs, rows) { Level = level, Timeout = timeout };
    }

    /// <summary>Runs requests together; when that fails, each alone.</summary>
    public void Run(IReadOnlyList<InferenceRequest> requests, RunTurn turn)
    {
        if (requests.Count > 1 && TryRunTogether(requests, turn))
            return;
        foreach (var request in requests)
            RunAlone((RawInference)request, turn);
    }

    private static bool HasBatch(GraphTensor tensor) => tensor.Shape is { Count: > 0 } shape && shape[0] < 1 && tensor.Type != TensorElementType.String;

    private void RunAlone(RawInference request, RunTurn turn)
    {
        try
        {
            using var values = new RawValues(request.Inputs);
            var started = time.GetTimestamp();
            using var outputs = session.Run(_names, values.Values, request.Outputs, turn.IsAlone);
            var finished = time.GetTimestamp();
            turn.End();
            record.Ran(request.Size, time.GetElapsedTime(started, finished));
            var copies = outputs.Select((output, i) => Copy(request.Outputs[i], output)).ToList();
            request.TryComplete(new RawRun(copies, started, finished, time.GetElapsedTime(finished), request.Size));
        }
        catch (ModelOutputException e)
        {
            request.Fail(e);
        }
    }

    private bool TryRunTogether(IReadOnlyList<InferenceRequest> requests, RunTurn turn)
    {
        var first = (RawInference)requests[0];
        var rows = requests.Sum(request => request.Size);
        var inputs = new List<TensorMemory>();
        try
        {
            for (var i = 0; i < first.Inputs.Count; i++)
                inputs.Add(Concatenate(requests, i, rows));
            var started = time.GetTimestamp();
            using var outputs = session.Run(_names, [.. inputs.Select(input => input.Value)], first.Outputs, turn.IsAlone);
            var finished = time.GetTimestamp();
            turn.End();
            if (outputs.Any(output => !output.IsTensor || output.GetTensorTypeAndShape().Shape is not { Length: > 0 } shape || shape[0] != rows))
                return false;

            record.Ran(rows, time.GetElapsedTime(started, finished));
            var from = 0;
            foreach (var request in requests.Cast<RawInference>())
            {
                var copying = time.GetTimestamp();
                var copies = outputs.Select((output, i) => Copy(request.Outputs[i], output, from, request.Size, rows)).ToList();
                request.TryComplete(new RawRun(copies, started, finished, time.GetElapsedTime(copying), rows));
                from += request.Size;
            }

            return true;
        }
        catch (ModelOutputException)
        {
            return false;
        }
        finally
        {
            foreach (var input in inputs)
                input.Dispose();
        }
    }

    private static TensorMemory Concatenate(IReadOnlyList<InferenceRequest> requests, int index, int rows)
    {
        var first = ((RawInference)requests[0]).Inputs[index];
        var memory = new TensorMemory(first.Type, [rows, .. first.Shape.AsSpan(1)]);
        var at = 0;
        foreach (var request in requests.Cast<RawInference>())
        {
            var data = request.Inputs[index].Data.Span;
            data.CopyTo(memory.Bytes[at..]);
            at += data.Length;
        }

        return memory;
    }

    /// <summary>Some rows of an output.</summary>
    private static NamedTensor Copy(string name, OrtValue output, int from, int count, int rows)
    {
        var info = output.GetTensorTypeAndShape();
        var data = output.GetTensorMutableRawData();
        var row = data.Length / rows;
        return new NamedTensor(name, info.ElementDataType, [count, .. info.Shape.AsSpan(1)], data.Slice(from * row, count * row).ToArray());
    }

    private NamedTensor Copy(string name, OrtValue output)
    {
        if (!output.IsTensor)
            throw new ModelOutputException($"Model '{session.Passport.Name}' version {session.Passport.Version}: output '{name}' is no tensor and cannot be sent.");
        var info = output.GetTensorTypeAndShape();
        return info.ElementDataType == TensorElementType.String
            ? new NamedTensor(name, info.ElementDataType, info.Shape, default, [.. output.GetStringTensorAsArray().Select(Encoding.UTF8.GetBytes)])
            : new NamedTensor(name, info.ElementDataType, info.Shape, output.GetTensorMutableRawData().ToArray());
    }
}

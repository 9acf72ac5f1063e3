using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Eval;
using Serve.Inference.Families;

namespace Serve.Inference.Models;

/// <summary>An opened ONNX graph that agrees with its passport.</summary>
internal sealed class ModelSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OutputFamily _family;
    private readonly RunOptions _runOptions = new();
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;

    private ModelSession(InferenceSession session, Device device, Passport passport, OutputFamily family, bool hasDynamicBatch)
    {
        (_session, Device, Passport, _family, HasDynamicBatch) = (session, device, passport, family, hasDynamicBatch);
        _inputNames = [passport.Input.Name];
        _outputNames = [.. family.Outputs(passport).Select(output => output.Name)];
    }

    /// <summary>What runs it.</summary>
    public Device Device { get; }

    /// <summary>The model's passport.</summary>
    public Passport Passport { get; }

    /// <summary>False when the graph takes one picture at a time.</summary>
    public bool HasDynamicBatch { get; }

    /// <summary>Opens a graph.</summary>
    /// <param name="modelPath">The ONNX file.</param>
    /// <param name="passport">Its passport, or null to take the one in its metadata.</param>
    /// <param name="options">How to run it.</param>
    /// <exception cref="InvalidInputException">The file is corrupt, disagrees with the passport, or the device is not there.</exception>
    public static ModelSession Open(string modelPath, Passport? passport, DetectionModelOptions options)
    {
        var (session, device) = OpenSession(modelPath, options);
        try
        {
            passport ??= FromMetadata(session, modelPath);
            var family = OutputFamily.Of(passport.Family);
            var faults = InputFaults(session, passport).Concat(OutputFaults(session, family.Outputs(passport))).ToList();
            if (faults.Count > 0)
                throw new InvalidInputException($"the graph does not fit its passport: {string.Join("; ", faults)}.");
            return new ModelSession(session, device, passport, family, session.InputMetadata[passport.Input.Name].Dimensions[0] < 1);
        }
        catch (InvalidInputException e)
        {
            session.Dispose();
            throw new InvalidInputException(e.Message.StartsWith(modelPath, StringComparison.Ordinal) ? e.Message : $"{modelPath}: {e.Message}", e);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs a batch. Thread-safe.</summary>
    /// <param name="input">[B, 3, Height, Width]</param>
    /// <returns>The family's outputs; the caller disposes them.</returns>
    /// <exception cref="ModelOutputException">The run failed.</exception>
    public IDisposableReadOnlyCollection<OrtValue> Run(OrtValue input)
    {
        try
        {
            return _session.Run(_runOptions, _inputNames, [input], _outputNames);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelOutputException($"Model '{Passport.Name}' version {Passport.Version} failed: {OnnxEnvironment.Cause(e)}", e);
        }
    }

    /// <summary>Reads the objects of one picture of a batch.</summary>
    /// <exception cref="ModelOutputException">The outputs are not what the family promises.</exception>
    public List<Candidate> Decode(IReadOnlyList<OrtValue> outputs, int index)
    {
        try
        {
            var candidates = new List<Candidate>();
            _family.Decode(outputs, index, Passport, candidates);
            return candidates;
        }
        catch (ModelOutputException e)
        {
            throw new ModelOutputException($"Model '{Passport.Name}' version {Passport.Version} gave a wrong answer: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }

    private static (InferenceSession Session, Device Device) OpenSession(string modelPath, DetectionModelOptions options)
    {
        try
        {
            return Device.OpenSession(modelPath, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidInputException($"{modelPath}: not a model that ONNX Runtime can open: {OnnxEnvironment.Cause(e)}", e);
        }
    }

    private static Passport FromMetadata(InferenceSession session, string modelPath)
        => session.ModelMetadata.CustomMetadataMap.TryGetValue(Passport.MetadataKey, out var json)
            ? Passport.FromJson(json, $"{modelPath} (metadata {Passport.MetadataKey})")
            : throw new InvalidInputException($"the model has no passport: neither {Passport.FileName} beside it nor {Passport.MetadataKey} in its metadata.");

    private static IEnumerable<string> InputFaults(InferenceSession session, Passport passport)
    {
        var spec = passport.Input;
        if (!session.InputMetadata.TryGetValue(spec.Name, out var input))
        {
            yield return $"there is no input '{spec.Name}'; inputs are {string.Join(", ", session.InputMetadata.Keys)}";
            yield break;
        }

        if (session.InputMetadata.Count > 1)
            yield return $"the graph has {session.InputMetadata.Count} inputs ({string.Join(", ", session.InputMetadata.Keys)}); one is fed";
        if (!input.IsTensor || input.ElementDataType != TensorElementType.Float)
        {
            yield return $"input '{spec.Name}' is not a tensor of float32";
            yield break;
        }

        var shape = input.Dimensions;
        if (shape.Length != 4 || !Fits(shape[1], 3) || !Fits(shape[2], spec.Height) || !Fits(shape[3], spec.Width))
            yield return $"input '{spec.Name}' is {Text(shape)}; the passport says [B, 3, {spec.Height}, {spec.Width}]";
        else if (shape[0] > 1)
            yield return $"input '{spec.Name}' has a fixed batch of {shape[0]}; 1 and dynamic are run";
    }

    private static IEnumerable<string> OutputFaults(InferenceSession session, IEnumerable<FamilyOutput> expected)
    {
        foreach (var wanted in expected)
        {
            if (!session.OutputMetadata.TryGetValue(wanted.Name, out var output))
                yield return $"there is no output '{wanted.Name}'; outputs are {string.Join(", ", session.OutputMetadata.Keys)}";
            else if (!output.IsTensor || output.ElementDataType != wanted.Type)
                yield return $"output '{wanted.Name}' is {(output.IsTensor ? output.ElementDataType : "no tensor")}, expected {wanted.Type}";
            else if (output.Dimensions.Length != wanted.Rank)
                yield return $"output '{wanted.Name}' is {Text(output.Dimensions)}, expected {wanted.Rank} dimensions";
        }
    }

    private static bool Fits(int dimension, int wanted) => dimension < 1 || dimension == wanted;

    private static string Text(int[] shape) => $"[{string.Join(", ", shape.Select(dimension => dimension < 1 ? "?" : $"{dimension}"))}]";
}

using Google.Protobuf;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Onnx;

namespace Serve.Training.Export;

/// <summary>Puts a recorded graph into an ONNX model file.</summary>
internal static class OnnxModel
{
    /// <summary>Version of the operator set: the first with a group normalisation per channel, and one that runtimes of 2024 and later know.</summary>
    public const int Opset = 21;

    private const int IrVersion = 10; // the file layout that came with opset 21

    /// <summary>The model with its metadata.</summary>
    public static ModelProto Of(Tracer tracer, IReadOnlyDictionary<string, string> metadata)
    {
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "serve",
            ProducerVersion = typeof(OnnxModel).Assembly.GetName().Version?.ToString(3) ?? "",
            Graph = tracer.Graph,
            OpsetImport = { new OperatorSetIdProto { Version = Opset } },
        };
        foreach (var (key, value) in metadata)
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return model;
    }

    /// <summary>Writes the file under a temporary name, then renames it.</summary>
    public static void Write(ModelProto model, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = File.Create(temporary))
                model.WriteTo(stream);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}

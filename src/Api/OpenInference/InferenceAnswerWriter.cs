using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Serve.Api.Problems;
using Serve.Api.Wire;

namespace Serve.Api.OpenInference;

/// <summary>Writes the answer of an inference: JSON, followed by the blocks of the outputs that go out as binary data.</summary>
internal static class InferenceAnswerWriter
{
    /// <summary>Writes the answer.</summary>
    /// <param name="response">Where to.</param>
    /// <param name="view">The model that answered.</param>
    /// <param name="id">The request's id, echoed; null for none.</param>
    /// <param name="answer">The outputs.</param>
    /// <param name="binary">Which of them go out as blocks.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="RequestRefusedException">500: JSON cannot carry a value of an output; nothing has been written then.</exception>
    public static async Task WriteAsync(HttpResponse response, IInferenceView view, string? id, InferenceAnswer answer, bool[] binary, CancellationToken ct)
    {
        using var json = new PooledBytes();
        WriteJson(json, view, id, answer, binary);
        if (!binary.Contains(true))
        {
            response.ContentType = "application/json";
            await WriteJsonAsync(response, json, ct);
            return;
        }

        // Also where all blocks are empty: no detections, for one, are an answer like any other.
        long length = json.Length;
        for (var i = 0; i < binary.Length; i++)
            length += binary[i] ? answer.Outputs[i].Data.Length : 0;
        response.ContentType = "application/octet-stream";
        response.ContentLength = length;
        response.Headers[InferenceRequestReader.LengthHeader] = json.Length.ToString();
        await response.BodyWriter.WriteAsync(json.Memory, ct);
        for (var i = 0; i < binary.Length; i++)
            if (binary[i] && !answer.Outputs[i].Data.IsEmpty)
                await response.BodyWriter.WriteAsync(answer.Outputs[i].Data, ct);
    }

    private static async Task WriteJsonAsync(HttpResponse response, PooledBytes json, CancellationToken ct)
    {
        var encoding = AnswerEncoding.Choose(response.HttpContext.Request);
        if (encoding is null)
        {
            response.ContentLength = json.Length;
            await response.BodyWriter.WriteAsync(json.Memory, ct);
            return;
        }
        response.Headers.ContentEncoding = encoding;
        response.Headers.Vary = "Accept-Encoding";
        await using Stream compressed = encoding == "gzip"
            ? new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true)
            : new ZLibStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await compressed.WriteAsync(json.Memory, ct);
    }

    private static void WriteJson(PooledBytes target, IInferenceView view, string? id, InferenceAnswer answer, bool[] binary)
    {
        using var writer = new Utf8JsonWriter(target, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteString("model_name"u8, view.Name);
        writer.WriteString("model_version"u8, view.Version.ToString());
        if (id is not null)
            writer.WriteString("id"u8, id);
        writer.WriteStartArray("outputs"u8);
        for (var i = 0; i < binary.Length; i++)
            WriteOutput(writer, answer.Outputs[i], binary[i]);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter writer, OutputTensor output, bool binary)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, output.Name);
        writer.WriteStartArray("shape"u8);
        foreach (var side in output.Shape)
            writer.WriteNumberValue(side);
        writer.WriteEndArray();
        writer.WriteString("datatype"u8, output.Datatype.Name());
        if (binary)
        {
            writer.WriteStartObject("parameters"u8);
            writer.WriteNumber("binary_data_size"u8, output.Data.Length);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteStartArray("data"u8);
            WriteData(writer, output);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter writer, OutputTensor output)
    {
        var data = output.Data.Span;
        switch (output.Datatype)
        {
            case TensorDatatype.Bool:
                foreach (var value in data)
                    writer.WriteBooleanValue(value != 0);
                break;
            case TensorDatatype.Uint8:
                foreach (var value in data)
                    writer.WriteNumberValue((int)value);
                break;
            case TensorDatatype.Uint16:
                foreach (var value in MemoryMarshal.Cast<byte, ushort>(data))
                    writer.WriteNumberValue((int)value);
                break;
            case TensorDatatype.Uint32:
                foreach (var value in MemoryMarshal.Cast<byte, uint>(data))
                    writer.WriteNumberValue(value);
                break;
            case TensorDatatype.Uint64:
                foreach (var value in MemoryMarshal.Cast<byte, ulong>(data))
                    writer.WriteNumberValue(value);
                break;
            case TensorDatatype.Int8:
                foreach (var value in MemoryMarshal.Cast<byte, sbyte>(data))
                    writer.WriteNumberValue((int)value);
                break;
            case TensorDatatype.Int16:
                foreach (var value in MemoryMarshal.Cast<byte, short>(data))
                    writer.WriteNumberValue((int)value);
                break;
            case TensorDatatype.Int32:
                foreach (var value in MemoryMarshal.Cast<byte, int>(data))
                    writer.WriteNumberValue(value);
                break;
            case TensorDatatype.Int64:
                foreach (var value in MemoryMarshal.Cast<byte, long>(data))
                    writer.WriteNumberValue(value);
                break;
            case TensorDatatype.Fp32:
                foreach (var value in MemoryMarshal.Cast<byte, float>(data))
                    writer.WriteNumberValue(float.IsFinite(value) ? value : throw NotInJson(output, $"{value}"));
                break;
            case TensorDatatype.Fp64:
                foreach (var value in MemoryMarshal.Cast<byte, double>(data))
                    writer.WriteNumberValue(double.IsFinite(value) ? value : throw NotInJson(output, $"{value}"));
                break;
            case TensorDatatype.Bytes:
                WriteStrings(writer, output);
                break;
            default:
                throw NotInJson(output, output.Datatype.Name());
        }
    }

    private static void WriteStrings(Utf8JsonWriter writer, OutputTensor output)
    {
        foreach (var text in BinaryBlocks.Strings(output.Name, output.Data, TensorShape.Elements([.. output.Shape])!.Value))
            writer.WriteStringValue(Utf8.IsValid(text.Span) ? text.Span : throw NotInJson(output, "bytes that are no UTF-8"));
    }

    private static RequestRefusedException NotInJson(OutputTensor output, string what)
    {
        var message = $"output '{output.Name}' has {what}, which JSON cannot carry: request output '{output.Name}' as binary (parameter \"binary_data\": true).";
        return new RequestRefusedException(StatusCodes.Status500InternalServerError, message) { Cause = "model-output" }.With("code", "not_in_json");
    }
}

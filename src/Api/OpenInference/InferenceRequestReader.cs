using System.Globalization;
using System.Text.Json;
using Serve.Api.Problems;

namespace Serve.Api.OpenInference;

/// <summary>Reads an inference request: JSON, and the binary blocks after it.</summary>
internal static class InferenceRequestReader
{
    /// <summary>Header with the number of bytes of the JSON, where blocks follow it.</summary>
    public const string LengthHeader = "Inference-Header-Content-Length";

    // Far above what graphs have, and low enough to compare each name with all others.
    private const int MostTensors = 256;

    /// <summary>Reads a request.</summary>
    /// <param name="body">The whole body, decompressed. The request refers to it.</param>
    /// <param name="headerLength">Bytes of JSON at its start; null when the client did not say: then all of it.</param>
    /// <exception cref="RequestRefusedException">400: it is malformed, the message says where.</exception>
    public static InferenceRequest Read(ReadOnlyMemory<byte> body, int? headerLength)
    {
        var request = new InferenceRequest();
        try
        {
            ReadJson(body.Span[..(headerLength ?? body.Length)], request);
            BinaryBlocks.Assign(request, body[(headerLength ?? body.Length)..], headerLength is not null);
            return request;
        }
        catch (JsonException fault)
        {
            request.Dispose();
            throw Refusal.Request(BadRequestText.Of(fault));
        }
        catch (InvalidOperationException)
        {
            // What the reader of JSON says of strings that are no Unicode.
            request.Dispose();
            throw Refusal.Request("The JSON body has a string that is not valid UTF-8, or half a surrogate pair.");
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    /// <summary>The value of <see cref="LengthHeader"/>; null when it was not sent.</summary>
    /// <exception cref="RequestRefusedException">400: no whole number, or more than the body has.</exception>
    public static int? HeaderLength(HttpRequest request, int bodyLength)
    {
        var header = request.Headers[LengthHeader];
        if (header.Count == 0)
            return null;
        if (!ulong.TryParse(header.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            throw Refusal.Request($"{LengthHeader} is \"{header}\"; expected the number of bytes of the JSON at the start of the body, as digits.");
        return length <= (ulong)bodyLength
            ? (int)length
            : throw Refusal.Request($"{LengthHeader} is {length}, but the body has {bodyLength} bytes.");
    }

    private static void ReadJson(ReadOnlySpan<byte> json, InferenceRequest request)
    {
        var reader = new Utf8JsonReader(json);
        if (json.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Refusal.Request("The body holds no JSON object; expected {\"inputs\": [...]}.");
        var hasInputs = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            if (reader.ValueTextEquals("inputs"u8))
            {
                if (hasInputs)
                    throw Refusal.Request("\"inputs\" is there twice.");
                hasInputs = true;
                reader.Read();
                for (var more = Begins(ref reader, "inputs"); more && NextItem(ref reader, "inputs", request.Inputs.Count);)
                    request.Inputs.Add(RequestInputReader.Read(ref reader, json, request));
            }
            else if (reader.ValueTextEquals("outputs"u8))
            {
                reader.Read();
                for (var more = Begins(ref reader, "outputs"); more && NextItem(ref reader, "outputs", request.Outputs.Count);)
                    request.Outputs.Add(ReadOutput(ref reader));
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                reader.Read();
                request.Parameters = ParameterReader.OfRequest(ref reader);
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                request.Id = reader.TokenType is JsonTokenType.String or JsonTokenType.Null ? reader.GetString() : throw Refusal.Request("\"id\": expected a string.");
            }
            else
            {
                // Published examples send "model_name" and the like.
                reader.Skip();
            }
        // The reader itself refuses what follows the object.
        reader.Read();
        if (!hasInputs)
            throw Refusal.Request("\"inputs\" is missing; expected an array of tensors.");
    }

    private static RequestOutput ReadOutput(ref Utf8JsonReader reader)
    {
        string? name = null;
        bool? binary = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = reader.ValueTextEquals("name"u8);
            var isParameters = reader.ValueTextEquals("parameters"u8);
            reader.Read();
            if (isName)
                name = reader.TokenType == JsonTokenType.String ? reader.GetString() : throw Refusal.Request("outputs[].name: expected a string.");
            else if (isParameters)
                binary = ParameterReader.Binary(ref reader);
            else
                reader.Skip();
        }
        return new RequestOutput(name ?? throw Refusal.Request("outputs[].name is missing."), binary);
    }

    private static bool Begins(ref Utf8JsonReader reader, string list) => reader.TokenType switch
    {
        JsonTokenType.StartArray => true,
        JsonTokenType.Null => false,
        _ => throw Refusal.Request($"\"{list}\": expected an array of objects."),
    };

    private static bool NextItem(ref Utf8JsonReader reader, string list, int count)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndArray)
            return false;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Refusal.Request($"{list}[{count}]: expected an object.");
        return count < MostTensors ? true : throw Refusal.Request($"\"{list}\" has more than {MostTensors} tensors.");
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Serve.Api.OpenInference;

namespace Serve.Api.Tests.OpenInference;

/// <summary>Speaks the protocol to the real server.</summary>
internal static class ProtocolClient
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Sends an inference request: JSON, and blocks where there are any.</summary>
    public static Task<HttpResponseMessage> InferAsync(this HttpClient client, string model, string json, byte[]? blocks = null)
    {
        var text = Encoding.UTF8.GetBytes(json);
        var content = new ByteArrayContent([.. text, .. blocks ?? []]);
        content.Headers.ContentType = new MediaTypeHeaderValue(blocks is null ? "application/json" : "application/octet-stream");
        if (blocks is not null)
            content.Headers.Add(InferenceRequestReader.LengthHeader, $"{text.Length}");
        return client.PostAsync($"/v2/models/{model}/infer", content, Token);
    }

    /// <summary>Sends pictures as BYTES in a block.</summary>
    public static Task<HttpResponseMessage> InferPicturesAsync(
        this HttpClient client, string model, IReadOnlyList<byte[]> pictures, string parameters = "", string outputs = "", string input = "image")
    {
        var block = Strings(pictures);
        var json = $$$"""{"inputs":[{"name":"{{{input}}}","shape":[{{{pictures.Count}}}],"datatype":"BYTES","parameters":{"binary_data_size":{{{block.Length}}}}}]""";
        if (parameters.Length > 0)
            json += $",\"parameters\":{parameters}";
        if (outputs.Length > 0)
            json += $",\"outputs\":{outputs}";
        return client.InferAsync(model, json + "}", block);
    }

    /// <summary>Elements of a BYTES tensor, each after its length.</summary>
    public static byte[] Strings(IEnumerable<byte[]> elements)
    {
        using var block = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (var element in elements)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, element.Length);
            block.Write(length);
            block.Write(element);
        }
        return block.ToArray();
    }

    /// <summary>The outputs of an answer, whether they came as JSON or as blocks.</summary>
    public static async Task<ProtocolOutputs> OutputsAsync(this Task<HttpResponseMessage> pending)
    {
        using var response = await pending;
        var body = await response.BytesAsync();
        var length = response.JsonLength() is { } header ? int.Parse(header, CultureInfo.InvariantCulture) : body.Length;
        return new ProtocolOutputs(JsonNode.Parse(body.AsSpan(0, length))!, body[length..]);
    }
}

/// <summary>An answer of the protocol.</summary>
internal sealed class ProtocolOutputs(JsonNode json, byte[] blocks)
{
    public JsonNode Json => json;

    public int[] Shape(string name) => [.. Output(name)["shape"]!.AsArray().Select(side => (int)side!)];

    public string Datatype(string name) => (string)Output(name)["datatype"]!;

    public T[] Values<T>(string name) where T : struct
    {
        var at = 0;
        foreach (var output in json["outputs"]!.AsArray())
        {
            var size = (int?)output!["parameters"]?["binary_data_size"];
            if ((string)output["name"]! == name)
                return size is null ? [.. output["data"]!.AsArray().Select(value => value!.GetValue<T>())] : MemoryMarshal.Cast<byte, T>(blocks.AsSpan(at, size.Value)).ToArray();
            at += size ?? 0;
        }
        throw new InvalidOperationException($"There is no output {name}: {json}");
    }

    private JsonNode Output(string name) => json["outputs"]!.AsArray().Single(output => (string)output!["name"]! == name)!;
}

using System.Buffers.Text;
using Serve.Api.Detection;
using Serve.Api.Hosting;

namespace Serve.Api.OpenInference;

/// <summary>Picture files in a BYTES tensor, one an element: as they are in a block, in base64 where they come as JSON.</summary>
internal static class EncodedPictures
{
    /// <summary>The files.</summary>
    /// <exception cref="Problems.RequestRefusedException">400: an element is empty, or text that is not base64; 413: one is too large.</exception>
    public static IReadOnlyList<UploadedPicture> Of(RequestInput input, ServeOptions limits)
    {
        var pictures = new UploadedPicture[input.Strings.Length];
        for (var i = 0; i < pictures.Length; i++)
        {
            var encoded = input.FromJson ? FromBase64(input, i) : input.Strings[i];
            if (encoded.IsEmpty)
                throw Refusal.Input(input.Name, $"element {i} is empty; expected a picture file.");
            if (encoded.Length > limits.MaxBytes)
                throw Refusal.TooLarge($"input '{input.Name}': element {i} has {encoded.Length:N0} bytes; at most {limits.MaxBytes:N0} are allowed.", limits.MaxBytes);
            pictures[i] = new UploadedPicture(null, encoded);
        }
        return pictures;
    }

    private static ReadOnlyMemory<byte> FromBase64(RequestInput input, int i)
    {
        var text = input.Strings[i].Span;
        if (text.StartsWith("data:"u8) && text.IndexOf((byte)',') is var comma and > 0)
            text = text[(comma + 1)..];
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Base64.DecodeFromUtf8(text, bytes, out _, out var written) == System.Buffers.OperationStatus.Done
            ? bytes.AsMemory(0, written)
            : throw Refusal.Input(input.Name, $"element {i} is not base64, which is how a picture file goes into JSON; or send it as binary data.");
    }
}

using System.Buffers.Binary;
using System.Text;

namespace Serve.Inference.Pictures;

/// <summary>What has to be known of an embedded ICC profile.</summary>
internal static class ColourProfile
{
    private const int HeaderLength = 128;
    private const int TagLength = 12;
    private const int LargestTagCount = 100;

    /// <summary>
    /// True when a profile calls itself sRGB. Such a picture needs no conversion, and a conversion from sRGB to sRGB would still cost time and move
    /// values by rounding.
    /// </summary>
    /// <param name="profile">An ICC.1 profile: header, tag table (signature, offset, length), tag data.</param>
    public static bool IsSrgb(ReadOnlySpan<byte> profile) => Description(profile).Contains("sRGB", StringComparison.OrdinalIgnoreCase);

    /// <summary>Text of the <c>desc</c> tag: ASCII in version 2 profiles, UTF-16 in version 4. Empty when there is none.</summary>
    private static string Description(ReadOnlySpan<byte> profile)
    {
        if (profile.Length < HeaderLength + 4)
            return "";

        var count = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(profile[HeaderLength..]), LargestTagCount);
        for (var i = 0; i < count; i++)
        {
            var start = HeaderLength + 4 + i * TagLength;
            if (start + TagLength > profile.Length)
                return "";
            var tag = profile.Slice(start, TagLength);
            if (!tag.StartsWith("desc"u8))
                continue;

            var offset = BinaryPrimitives.ReadUInt32BigEndian(tag[4..]);
            var length = BinaryPrimitives.ReadUInt32BigEndian(tag[8..]);
            if (offset > profile.Length || length > profile.Length - offset)
                return "";
            var data = profile.Slice((int)offset, (int)length);
            return data.StartsWith("mluc"u8) ? Encoding.BigEndianUnicode.GetString(data[(data.Length & 1)..]) : Encoding.ASCII.GetString(data);
        }

        return "";
    }
}

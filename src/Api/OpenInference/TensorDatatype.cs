using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serve.Api.OpenInference;

/// <summary>Element types of tensors on the wire.</summary>
internal enum TensorDatatype
{
    Bool,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Int8,
    Int16,
    Int32,
    Int64,
    Fp16,
    Bf16,
    Fp32,
    Fp64,

    /// <summary>Strings of bytes, of any length each.</summary>
    Bytes,
}

/// <summary>What the protocol and ONNX call the types, and how large their elements are.</summary>
internal static class TensorDatatypes
{
    private static readonly (TensorDatatype Type, string Name, int Size, TensorElementType Element)[] All =
    [
        (TensorDatatype.Bool, "BOOL", 1, TensorElementType.Bool),
        (TensorDatatype.Uint8, "UINT8", 1, TensorElementType.UInt8),
        (TensorDatatype.Uint16, "UINT16", 2, TensorElementType.UInt16),
        (TensorDatatype.Uint32, "UINT32", 4, TensorElementType.UInt32),
        (TensorDatatype.Uint64, "UINT64", 8, TensorElementType.UInt64),
        (TensorDatatype.Int8, "INT8", 1, TensorElementType.Int8),
        (TensorDatatype.Int16, "INT16", 2, TensorElementType.Int16),
        (TensorDatatype.Int32, "INT32", 4, TensorElementType.Int32),
        (TensorDatatype.Int64, "INT64", 8, TensorElementType.Int64),
        (TensorDatatype.Fp16, "FP16", 2, TensorElementType.Float16),
        (TensorDatatype.Bf16, "BF16", 2, TensorElementType.BFloat16),
        (TensorDatatype.Fp32, "FP32", 4, TensorElementType.Float),
        (TensorDatatype.Fp64, "FP64", 8, TensorElementType.Double),
        (TensorDatatype.Bytes, "BYTES", 0, TensorElementType.String),
    ];

    /// <summary>All names, as messages list them.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(row => row.Name));

    /// <summary>The protocol's name: upper case.</summary>
    public static string Name(this TensorDatatype type) => All[(int)type].Name;

    /// <summary>Bytes of an element; 0 for <see cref="TensorDatatype.Bytes"/>, whose elements differ.</summary>
    public static int Size(this TensorDatatype type) => All[(int)type].Size;

    /// <summary>ONNX's type.</summary>
    public static TensorElementType Element(this TensorDatatype type) => All[(int)type].Element;

    /// <summary>Whether JSON can carry it. The two half-size floats have to be sent as blocks.</summary>
    public static bool IsInJson(this TensorDatatype type) => type is not (TensorDatatype.Fp16 or TensorDatatype.Bf16);

    /// <summary>The type of that name; names are case-sensitive. Null when there is none.</summary>
    public static TensorDatatype? Parse(string name)
    {
        foreach (var row in All)
            if (row.Name == name)
                return row.Type;
        return null;
    }

    /// <summary>The type of an ONNX tensor; null for complex numbers and other types that the protocol lacks.</summary>
    public static TensorDatatype? Of(TensorElementType element)
    {
        foreach (var row in All)
            if (row.Element == element)
                return row.Type;
        return null;
    }
}

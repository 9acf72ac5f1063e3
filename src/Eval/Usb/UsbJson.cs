using System.Text.Json.Serialization;

namespace Serve.Eval.Usb;

/// <summary>How the benchmark's records are read and written: camelCase names, indented for people.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(UsbScaleReport))]
[JsonSerializable(typeof(UsbDivisions))]
[JsonSerializable(typeof(UsbResults))]
[JsonSerializable(typeof(UsbVerdict))]
internal sealed partial class UsbJson : JsonSerializerContext;

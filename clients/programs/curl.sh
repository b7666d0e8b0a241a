# curl, a process for each call. The arguments are options of it.
separator=$'\x1f'
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
while IFS=$separator read -r method url api_key key form text; do
  headers=(--header "Authorization: Bearer $api_key" --header "Content-Type: application/json")
  [ -z "$key" ] || headers+=(--header "Idempotency-Key: $key")
  case $form in
    "") printf '%s' "$text" >"$folder/sent" ;;
    gzip) printf '%s' "$text" | gzip >"$folder/sent" && headers+=(--header "Content-Encoding: gzip") ;;
    *) head -c "$form" /dev/zero | tr '\0' ' ' >"$folder/sent" ;;
  esac
  body=(--data-binary "@$folder/sent")
  [ "$method" != GET ] || body=()
  said=$(curl --silent --show-error "$@" --request "$method" "$url" "${headers[@]}" "${body[@]}" \
    --output "$folder/body" --write-out "%{http_code}$separator%header{retry-after}" 2>"$folder/error") &&
    echo "$said$separator$(cat "$folder/body")" ||
    echo "0$separator$separator$(tr '\n' ' ' <"$folder/error")"
done

# Sends each body of the arguments with curl, which offers HTTP/2 and accepts compressed answers.
url=$1 api_key=$2 idempotency_key=$3
shift 3
for body in "$@"; do
  answer=$(curl --silent --show-error --http2 --compressed --write-out ' %{http_code}' --request POST "$url" \
    --header "Authorization: Bearer $api_key" --header "Idempotency-Key: $idempotency_key" \
    --header "Content-Type: application/json" --data-raw "$body")
  echo "${answer##* } ${answer% *}"
done
